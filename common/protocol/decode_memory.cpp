// What two processes on one host agree on about shared memory.
#include "common/protocol/decode_fields.hpp"

namespace penstock::protocol {
namespace {

// The encoded size of the smallest one.
constexpr std::size_t loan_bytes_min = 1 + 1 + 1 + 1;

std::vector<SlotLoan> read_loans(MessageReader& reader, const char* field) {
    return reader.list<SlotLoan>(field, slot_loans_max, loan_bytes_min, [&](SlotLoan& loan) {
        reader.tuple(nullptr, 3);
        loan.slot = reader.uint32("slot");
        loan.generation = reader.uint("generation");
        loan.count = reader.uint("count");
    });
}

}  // namespace

std::optional<Memory> read_memory(MessageReader& reader) {
    if (reader.nil()) {
        return std::nullopt;
    }
    reader.tuple("memory", 4);
    const Reader::Inside inside(reader, "memory");
    Memory memory;
    memory.domain = reader.filled_text("domain");
    memory.segment = reader.filled_text("segment");
    memory.key = reader.uint("key");
    memory.session = reader.uint("session");
    return memory;
}

std::optional<std::vector<SlotLoan>> read_lent(MessageReader& reader) {
    if (reader.nil()) {
        return std::nullopt;
    }
    return read_loans(reader, "lent");
}

void read_fields(MessageReader& reader, SlotsFree& message) {
    message.back = read_loans(reader, "back");
}

void read_fields(MessageReader& reader, SlotsRead& message) {
    message.count = reader.uint("count");
}

}  // namespace penstock::protocol
