#include "worker/sdk/shared_buffer.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace penstock::worker {
namespace {

constexpr IntegerRange number{0, std::numeric_limits<std::int64_t>::max()};
constexpr IntegerRange slot_number{0, std::numeric_limits<std::uint32_t>::max()};
constexpr IntegerRange name_bytes{1, 128};

}  // namespace

Result<shm::MappedBuffer> open_shared_buffer(Arguments& arguments, std::string_view field) {
    const Value* const value = arguments.value(field);
    if (value == nullptr) {
        return fail(ErrorCode::rejected, arguments.path_of(field) + ": is missing");
    }
    Arguments inner(*value, arguments.path_of(field));
    SlotRef ref;
    ref.segment = inner.text("segment", name_bytes);
    ref.slot = static_cast<std::uint32_t>(inner.integer("slot", slot_number));
    ref.generation = static_cast<std::uint64_t>(inner.integer("generation", number));
    ref.length = static_cast<std::uint64_t>(inner.integer("bytes", number));
    if (const Result<void> checked = inner.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    Result<shm::MappedBuffer> buffer = shm::MappedBuffer::open(ref);
    if (!buffer) {
        return fail(ErrorCode::rejected,
                    arguments.path_of(field) + ": " + buffer.error().message +
                        " (a shared buffer is for a worker on its producer's host, of the same "
                        "user, while the producer lives)");
    }
    return buffer;
}

}  // namespace penstock::worker
