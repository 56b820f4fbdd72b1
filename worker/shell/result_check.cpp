#include "worker/shell/result_check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/model/text.hpp"

namespace penstock::worker {
namespace {

enum class Fault : std::uint8_t { none, too_deep, too_many, not_utf8, no_value };

// Counts as value_from_msgpack() does, so that it refuses what that one would.
class Walk {
  public:
    // `depth` is that of an array or object here. Recurses at most value_depth_max levels deep.
    Fault over(const Value& value, int depth) {
        switch (value.type()) {
            case Value::value_t::null:
            case Value::value_t::boolean:
            case Value::value_t::number_integer:
            case Value::value_t::number_unsigned:
            case Value::value_t::number_float:
            case Value::value_t::binary: return Fault::none;
            case Value::value_t::discarded: return Fault::no_value;
            case Value::value_t::string: return over_text(value.get_ref<const std::string&>());
            case Value::value_t::array:
                return over_array(value.get_ref<const Value::array_t&>(), depth);
            case Value::value_t::object:
                return over_object(value.get_ref<const Value::object_t&>(), depth);
        }
        return Fault::no_value;
    }

  private:
    static Fault over_text(const std::string& text) {
        return is_utf8(text) ? Fault::none : Fault::not_utf8;
    }

    Fault over_array(const Value::array_t& elements, int depth) {
        if (const Fault fault = enter(elements.size(), depth); fault != Fault::none) {
            return fault;
        }
        for (const Value& element : elements) {
            if (element.is_number()) {
                continue;  // as most are where there are many: no call for each
            }
            if (const Fault fault = over(element, depth + 1); fault != Fault::none) {
                return fault;
            }
        }
        return Fault::none;
    }

    Fault over_object(const Value::object_t& fields, int depth) {
        if (const Fault fault = enter(2 * fields.size(), depth); fault != Fault::none) {
            return fault;
        }
        for (const auto& [key, field] : fields) {
            if (const Fault fault = over_text(key); fault != Fault::none) {
                return fault;
            }
            if (const Fault fault = over(field, depth + 1); fault != Fault::none) {
                return fault;
            }
        }
        return Fault::none;
    }

    Fault enter(std::size_t count, int depth) {
        if (depth > value_depth_max) {
            return Fault::too_deep;
        }
        count_ += count;
        return count_ > value_count_max ? Fault::too_many : Fault::none;
    }

    std::size_t count_ = 1;  // of what the values seen so far hold, and the outermost itself
};

Result<void> rejected(const std::string& why) {
    return fail(ErrorCode::rejected, "the handler's result could not be read by anyone: " + why);
}

}  // namespace

Result<void> check_result(const Value& value) {
    switch (Walk().over(value, 1)) {
        case Fault::none: return {};
        case Fault::too_deep:
            return rejected("it is nested deeper than " + std::to_string(value_depth_max) +
                            " levels");
        case Fault::too_many:
            return rejected("it holds more than " + std::to_string(value_count_max) +
                            " values; give bulk data as payload bytes");
        case Fault::not_utf8:
            return rejected("it holds text that is not UTF-8; give bytes as binary or as payload");
        case Fault::no_value:
            return rejected("it holds what a parser discarded, which is no value");
    }
    return {};
}

}  // namespace penstock::worker
