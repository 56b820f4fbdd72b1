// What two processes on one host agree on about shared memory.
#include "common/protocol/encode_fields.hpp"

namespace penstock::protocol {
namespace {

void write_loans(MessageWriter& writer, const std::vector<SlotLoan>& loans) {
    writer.array(loans.size());
    for (const SlotLoan& loan : loans) {
        writer.array(3);
        writer.uint(loan.slot);
        writer.uint(loan.generation);
        writer.uint(loan.count);
    }
}

}  // namespace

void write_memory(MessageWriter& writer, const std::optional<Memory>& memory) {
    if (!memory) {
        writer.nil();
        return;
    }
    writer.array(4);
    writer.short_text(memory->domain);
    writer.short_text(memory->segment);
    writer.uint(memory->key);
    writer.uint(memory->session);
}

void write_lent(MessageWriter& writer, const std::optional<std::vector<SlotLoan>>& lent) {
    if (lent) {
        write_loans(writer, *lent);
    } else {
        writer.nil();
    }
}

void write_fields(MessageWriter& writer, const SlotsFree& message) {
    write_loans(writer, message.back);
}

void write_fields(MessageWriter& writer, const SlotsRead& message) {
    writer.uint(message.count);
}

}  // namespace penstock::protocol
