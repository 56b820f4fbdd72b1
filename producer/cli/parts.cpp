#include "producer/cli/parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace penstock::cli {
namespace {

// As a line of --from-jsonl: what a broker takes at most.
constexpr std::size_t element_max_bytes = std::size_t{32} << 20U;
// A part is full with so much text: several fit into a message, and none holds much memory.
constexpr std::size_t part_text_bytes = std::size_t{256} << 10U;
constexpr std::size_t length_max = 1000;
// Parts per slot and doubling, about: uneven ones even out.
constexpr std::size_t parts_per_slot = 4;

}  // namespace

std::size_t growing_length(std::size_t elements, std::size_t slots) {
    return std::clamp<std::size_t>(elements / (parts_per_slot * slots), 1, length_max);
}

Parts::Parts(const PartRules& rules, std::string text, std::optional<InputBytes> input)
    : rules_(rules), scanner_(rules.form, element_max_bytes), input_(std::move(input)) {
    scanner_.feed(text);
    if (!input_) {
        scanner_.finish();
    }
}

Result<Parts::Status> Parts::next(Part& part) {
    while (!ended_) {
        const Result<ElementScanner::Status> status = next_element();
        if (!status) {
            ended_ = true;
            return tl::unexpected(status.error());
        }
        if (*status == ElementScanner::Status::more) {
            return Status::later;
        }
        ended_ = *status == ElementScanner::Status::end;
        if (ended_) {
            break;
        }
        const Result<bool> full = add_element();
        if (!full) {
            ended_ = true;
            return tl::unexpected(full.error());
        }
        if (*full) {
            part = take();
            return Status::part;
        }
    }
    if (values_.empty()) {
        return Status::end;
    }
    part = take();
    return Status::part;
}

Result<ElementScanner::Status> Parts::next_element() {
    while (true) {
        Result<ElementScanner::Status> status = scanner_.next(element_);
        if (!status || *status != ElementScanner::Status::more) {
            return status;
        }
        piece_.clear();
        const Result<InputBytes::Status> read = input_->append_to(piece_);
        if (!read) {
            return tl::unexpected(read.error());
        }
        switch (*read) {
            case InputBytes::Status::later: return ElementScanner::Status::more;
            case InputBytes::Status::end: scanner_.finish(); break;
            case InputBytes::Status::some: scanner_.feed(piece_); break;
        }
    }
}

// True if the part is full.
Result<bool> Parts::add_element() {
    Result<Value> value = value_from_json(element_);
    if (!value) {
        return fail(ErrorCode::malformed,
                    fmt::format("element {}: {}", elements_ + 1, value.error().message));
    }
    const std::size_t before = elements_ - values_.size();
    const std::size_t wanted =
        rules_.length > 0 ? rules_.length : growing_length(before, rules_.slots);
    values_.push_back(std::move(*value));
    text_bytes_ += element_.size();
    ++elements_;
    return rules_.each || values_.size() >= wanted || text_bytes_ >= part_text_bytes;
}

Part Parts::take() {
    const Value values = std::exchange(values_, Value::array());
    text_bytes_ = 0;
    return {msgpack_from_value(rules_.each ? values.front() : values), values.size()};
}

}  // namespace penstock::cli
