// Packs results and work, as they come, into as few messages as the limits allow.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "broker/core/settings.hpp"
#include "broker/core/task.hpp"
#include "common/protocol/message.hpp"

namespace penstock::broker {

// How full the batch in the making is. Small bodies travel inside the header frame, whose limit is
// far lower than that of all frames together.
class BatchFill {
  public:
    // Requires: `settings` outlive it.
    explicit BatchFill(const Settings& settings) : settings_(settings) {}

    // `text_bytes`: of the header frame beside the bodies, roughly.
    [[nodiscard]] bool has_room(const Body& body, std::size_t text_bytes) const;
    void add(const Body& body, std::size_t text_bytes);
    void clear();
    // The most items that one batch has.
    [[nodiscard]] std::size_t items_max() const { return settings_.batch_max; }

  private:
    const Settings& settings_;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::size_t header_bytes_ = 0;
};

// For how many items a session's batches take memory at once: as many as sessions had on average
// in the last flush, and for all sessions together no more than all had then, so that one that had
// many does not make room for many in each of thousands.
class Foresight {
  public:
    // The next session's share.
    [[nodiscard]] std::size_t take();
    // So many a session has had in this flush.
    void note(std::size_t count);
    // The next flush begins.
    void renew();

  private:
    std::size_t share_ = 0;
    std::size_t left_ = 0;
    std::size_t seen_ = 0;
    std::size_t sessions_ = 0;
};

class ResultBatches {
  public:
    // Requires: both outlive it.
    ResultBatches(const Settings& settings, Foresight& foresight)
        : fill_(settings), foresight_(foresight) {}

    void add(const Task& task);
    [[nodiscard]] std::size_t size() const { return size_; }
    // In the order in which they came. Leaves it to be destroyed.
    [[nodiscard]] std::vector<protocol::ResultBatch> take() { return std::move(batches_); }

  private:
    void open_batch();

    std::vector<protocol::ResultBatch> batches_;
    BatchFill fill_;  // of the last one
    Foresight& foresight_;
    std::size_t size_ = 0;
};

class WorkBatches {
  public:
    // Requires: both outlive it.
    WorkBatches(const Settings& settings, Foresight& foresight)
        : fill_(settings), foresight_(foresight) {}

    void add(std::string_view type, std::string_view queue, std::chrono::milliseconds time_limit,
             protocol::Assignment assignment);
    [[nodiscard]] std::size_t size() const { return size_; }
    // In the order in which they came. Leaves it to be destroyed. Their epochs are to be set.
    [[nodiscard]] std::vector<protocol::Dispatch> take() { return std::move(batches_); }

  private:
    // The one in which the next task of this kind belongs.
    protocol::DispatchGroup& group_for(std::string_view type, std::string_view queue,
                                       std::chrono::milliseconds time_limit);

    std::vector<protocol::Dispatch> batches_;
    BatchFill fill_;  // of the last one
    Foresight& foresight_;
    std::size_t size_ = 0;
};

}  // namespace penstock::broker
