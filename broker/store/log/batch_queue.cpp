#include "broker/store/log/batch_queue.hpp"

#include <utility>

#include "common/model/assert.hpp"

namespace penstock::broker {

void BatchQueue::add(std::span<const Record> records, const EncodedRecords& encoded) {
    if (waiting_.back().whole_bytes() > batch_bytes) {
        begin_batch(waiting_.back().end());
    }
    Batch& batch = waiting_.back();
    const std::size_t before = batch.whole_bytes();
    auto outside = encoded.outside.begin();
    for (std::size_t i = 0; i < records.size(); ++i) {
        batch.add(kind_of(records[i]), ++appended_, encoded.content(i));
        if (outside != encoded.outside.end() && outside->record == i) {
            batch.add_body(outside->body);
            ++outside;
        }
    }
    size_bytes_ += batch.whole_bytes() - before;
}

void BatchQueue::begin_batch(const StreamPosition& position) {
    if (!used_) {
        waiting_.emplace_back(position);
        return;
    }
    used_->restart(position);
    waiting_.push_back(*std::exchange(used_, std::nullopt));
}

Batch BatchQueue::take() {
    PENSTOCK_ASSERT(!empty());
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    if (waiting_.empty()) {
        begin_batch(batch.end());
    }
    size_bytes_ -= batch.whole_bytes();
    return batch;
}

void BatchQueue::reuse(Batch batch) {
    if (!used_ && batch.size_bytes() <= 2 * batch_bytes) {
        batch.restart({});  // its bodies are safe
        used_ = std::move(batch);
    }
}

}  // namespace penstock::broker
