// The journal that survives nothing: a record is as durable as memory is as soon as it is appended,
// and a new broker starts empty. Receipts say `memory`.
#pragma once

#include "broker/store/journal.hpp"

namespace penstock::broker {

class MemoryJournal final : public Journal {
  public:
    [[nodiscard]] Durability level() const override { return Durability::memory; }
    [[nodiscard]] Result<void> replay(const RecordReader& visit) override;
    // Keeps none.
    [[nodiscard]] Result<std::size_t> read(std::span<const Sequence> sequences,
                                           const RecordReader& visit) override;
    [[nodiscard]] Result<Epoch> begin_epoch(Instant now) override;
    [[nodiscard]] std::optional<int> wake_descriptor() const override { return std::nullopt; }
    [[nodiscard]] Result<void> append(std::span<const Record> records) override;
    [[nodiscard]] DiskReport disk() const override { return {}; }
    [[nodiscard]] Sequence durable() const override { return appended_; }
    void trim(Sequence sequence) override;

  private:
    Sequence appended_ = 0;
};

}  // namespace penstock::broker
