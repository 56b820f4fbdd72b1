#include "worker/shell/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>

#include "common/model/assert.hpp"
#include "common/model/text.hpp"
#include "common/model/time.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::worker {
namespace {

constexpr const char* finished_name = "finished";
constexpr std::size_t note_bytes_max = 200;
constexpr Duration wait_max = std::chrono::hours(24 * 366);

// What a handler told last.
struct LatestProgress {
    bool changed = false;
    protocol::ProgressReport report;
};

// What both sides of a running attempt touch. The mutex is needed because a handler may wait for
// a cancellation as long as it likes, which a hand-over queue cannot express; it is held for
// moments only, and never while a handler runs.
struct Shared {
    std::mutex mutex;
    std::condition_variable cancelled;
    LatestProgress progress;
};

class AttemptContext : public Context {
  public:
    AttemptContext(const TaskItem& item, Shared& shared, TimePoint started)
        : item_(item), shared_(shared), started_(started) {}

    const TaskId& task() const override { return item_.work.lease.task; }
    std::uint32_t attempt() const override { return item_.work.lease.attempt; }
    Epoch epoch() const override { return item_.work.lease.epoch; }
    TimePoint deadline() const override {
        const auto limit = item_.work.time_limit;
        return limit.count() == 0 ? TimePoint::max() : started_ + limit;
    }
    bool wait_for_cancel(Duration duration) override {
        std::unique_lock lock(shared_.mutex);
        // Clamped, as the sum with the present time must fit.
        return shared_.cancelled.wait_for(lock, std::min(duration, wait_max),
                                          [this] { return item_.cancelled; });
    }
    void progress(double fraction, std::string_view note) override {
        // Written so that a NaN counts as nothing done.
        const double inside = fraction > 0 ? std::min(fraction, 1.0) : 0.0;
        const std::lock_guard lock(shared_.mutex);
        shared_.progress = {true,
                            {item_.work.lease, static_cast<std::uint32_t>(inside * 1000),
                             std::string(beginning(note, note_bytes_max))}};
    }

    void log(std::string_view text) override {
        telemetry::info("task={} attempt={} {}", to_text(task()), attempt(), text);
    }

  private:
    const TaskItem& item_;
    Shared& shared_;
    TimePoint started_;
};

}  // namespace

struct ThreadPool::Slot {
    Slot(transport::Context& context, SlotIndex slot_index, ProcessMark& process_mark)
        : index(slot_index),
          mark(process_mark),
          inbox(context, "slot-" + std::to_string(slot_index)),
          results(context, finished_name),
          outbox(context, "slot-" + std::to_string(slot_index)) {}

    void serve(const RunTask& run_task);
    void run(const TaskItem& item, const RunTask& run_task);

    const SlotIndex index;
    ProcessMark& mark;
    Shared shared;

    // Of the slot's thread, once it runs.
    transport::HandoffReceiver<TaskBatch> inbox;
    transport::HandoffSender<Finished> results;
    // Of the socket thread.
    transport::HandoffSender<TaskBatch> outbox;
    std::deque<std::shared_ptr<TaskItem>> items;  // handed over and not yet ended, in order
    std::thread thread;
};

void ThreadPool::Slot::serve(const RunTask& run_task) {
    while (const std::unique_ptr<TaskBatch> batch = inbox.wait()) {
        if (batch->empty()) {
            return;
        }
        for (std::shared_ptr<TaskItem>& item : *batch) {
            if (item->claim()) {
                run(*item, run_task);
            }
            item.reset();
        }
    }
}

void ThreadPool::Slot::run(const TaskItem& item, const RunTask& run_task) {
    SlotMark& slot_mark = mark.slots[index];
    const TimePoint started = Instant::read().steady;
    AttemptContext context(item, shared, started);
    slot_mark.start(item.work.lease);
    Result<Body> output = run_task(item.work, context);
    slot_mark.end();

    auto ended = std::make_unique<Finished>();
    ended->slot = index;
    ended->outcome.lease = item.work.lease;
    ended->outcome.thread = index;
    ended->outcome.run =
        std::chrono::duration_cast<std::chrono::microseconds>(Instant::read().steady - started);
    if (output) {
        ended->outcome.output = std::move(*output);
    } else {
        ended->outcome.error = std::move(output.error());
    }
    (output ? mark.completed : mark.failed).fetch_add(1, std::memory_order_relaxed);
    {
        const std::lock_guard lock(shared.mutex);
        shared.progress.changed = false;
    }
    results.send(std::move(ended));
}

ThreadPool::ThreadPool(transport::Context& context,
                       const std::array<std::uint32_t, slot_class_count>& slots, ProcessMark& mark,
                       RunTask run_task)
    : finished_(context, finished_name) {
    PENSTOCK_ASSERT(slots[0] + slots[1] <= slots_max);
    for (std::size_t slot_class = 0; slot_class < slot_class_count; ++slot_class) {
        for (std::uint32_t i = 0; i < slots[slot_class]; ++i) {
            const auto index = static_cast<SlotIndex>(slots_.size());
            Slot& slot = *slots_.emplace_back(std::make_unique<Slot>(context, index, mark));
            slot.thread = std::thread([&slot, run_task] { slot.serve(run_task); });
            const std::string title =
                std::string(name(static_cast<SlotClass>(slot_class))) + "-" + std::to_string(index);
            pthread_setname_np(slot.thread.native_handle(), title.c_str());
        }
    }
}

ThreadPool::~ThreadPool() {
    PENSTOCK_ASSERT(slots_.empty());
}

std::unique_ptr<Finished> ThreadPool::next_finished() {
    std::unique_ptr<Finished> ended = finished_.receive();
    if (ended) {
        auto& items = slots_.at(ended->slot)->items;
        const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) {
            return item->work.lease == ended->outcome.lease;
        });
        PENSTOCK_ASSERT(found != items.end());
        items.erase(found);
    }
    return ended;
}

void ThreadPool::hand_over(HandOver batch) {
    Slot& slot = *slots_.at(batch.slot);
    auto items = std::make_unique<TaskBatch>();
    for (Work& work : batch.work) {
        items->push_back(std::make_shared<TaskItem>(std::move(work)));
        slot.items.push_back(items->back());
    }
    PENSTOCK_ASSERT(!items->empty());
    slot.outbox.send(std::move(items));
}

std::shared_ptr<TaskItem> ThreadPool::find(SlotIndex slot, const Lease& lease) const {
    const auto& items = slots_.at(slot)->items;
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&](const auto& item) { return item->work.lease == lease; });
    return found == items.end() ? nullptr : *found;
}

std::optional<Work> ThreadPool::take_back(const TakeBack& request) {
    const std::shared_ptr<TaskItem> item = find(request.slot, request.lease);
    if (!item || !item->claim()) {
        return std::nullopt;
    }
    std::erase(slots_[request.slot]->items, item);
    return std::move(item->work);
}

void ThreadPool::cancel(const Cancel& request) {
    const std::shared_ptr<TaskItem> item = find(request.slot, request.lease);
    if (item) {
        Shared& shared = slots_[request.slot]->shared;
        const std::lock_guard lock(shared.mutex);
        item->cancelled = true;
        shared.cancelled.notify_all();
    }
}

std::vector<protocol::ProgressReport> ThreadPool::take_progress() {
    std::vector<protocol::ProgressReport> reports;
    for (const std::unique_ptr<Slot>& slot : slots_) {
        const std::lock_guard lock(slot->shared.mutex);
        if (std::exchange(slot->shared.progress.changed, false)) {
            reports.push_back(std::move(slot->shared.progress.report));
        }
    }
    return reports;
}

bool ThreadPool::busy() const {
    return std::any_of(slots_.begin(), slots_.end(),
                       [](const auto& slot) { return !slot->items.empty(); });
}

bool ThreadPool::stop() {
    if (busy()) {
        return false;
    }
    for (const std::unique_ptr<Slot>& slot : slots_) {
        slot->outbox.send(std::make_unique<TaskBatch>());
    }
    for (const std::unique_ptr<Slot>& slot : slots_) {
        slot->thread.join();
    }
    slots_.clear();
    return true;
}

}  // namespace penstock::worker
