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
// How long a slot goes on before it tells again what has ended: some times what waking a thread
// takes, and nothing that a caller would notice.
constexpr Duration tell_every = std::chrono::microseconds(100);
// When to look for what a slot has not told of: it may be busy with one long task by then. Longer
// than `tell_every`, so that there is hardly ever anything left to find.
constexpr Duration look_after = std::chrono::milliseconds(1);
// Batches taken in one call, so that nothing else starves.
constexpr int batches_max = 100;

// What a handler told last.
struct LatestProgress {
    bool changed = false;
    protocol::ProgressReport report;
};

// What both sides of a slot touch. The mutex is needed because a handler may wait for
// a cancellation as long as it likes, which a hand-over queue cannot express; it is held for
// moments only, and never while a handler runs.
struct Shared {
    std::mutex mutex;
    std::condition_variable cancelled;
    LatestProgress progress;
    FinishedBatch untold;
    // Until then the slot holds back what ends. In the future only while a look is still to come.
    TimePoint next_tell{};
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
        if (duration <= Duration::zero()) {
            // Waiting until a moment that is over takes as long as the kernel's timers are coarse.
            return item_.cancelled;
        }
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
    // The last attempt ended now.
    void end(Finished ended, TimePoint now);
    void tell();

    const SlotIndex index;
    ProcessMark& mark;
    Shared shared;

    // Of the slot's thread, once it runs.
    transport::HandoffReceiver<TaskBatch> inbox;
    transport::HandoffSender<FinishedBatch> results;
    // Of the socket thread.
    transport::HandoffSender<TaskBatch> outbox;
    std::deque<std::shared_ptr<TaskItem>> items;  // whose ends were not taken, in order
    TimePoint look = TimePoint::max();            // for what is untold
    std::thread thread;
};

void ThreadPool::Slot::serve(const RunTask& run_task) {
    for (;;) {
        std::unique_ptr<TaskBatch> batch = inbox.receive();
        if (!batch) {
            tell();
            batch = inbox.wait();
        }
        if (!batch || !*batch) {
            return;
        }
        for (TaskItem& item : **batch) {
            if (item.claim()) {
                run(item, run_task);
                item.work.body = {};  // the others may take long
            }
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

    const TimePoint now = Instant::read().steady;
    Finished ended;
    ended.slot = index;
    ended.outcome.lease = item.work.lease;
    ended.outcome.thread = index;
    ended.outcome.run = std::chrono::duration_cast<std::chrono::microseconds>(now - started);
    if (output) {
        ended.outcome.output = std::move(*output);
    } else {
        ended.outcome.error = std::move(output.error());
    }
    (output ? mark.completed : mark.failed).fetch_add(1, std::memory_order_relaxed);
    end(std::move(ended), now);
}

void ThreadPool::Slot::end(Finished ended, TimePoint now) {
    bool is_due = false;
    {
        const std::lock_guard lock(shared.mutex);
        shared.progress.changed = false;
        shared.untold.push_back(std::move(ended));
        is_due = now >= shared.next_tell;
        if (is_due) {
            shared.next_tell = now + tell_every;
        }
    }
    if (is_due) {
        tell();
    }
}

void ThreadPool::Slot::tell() {
    auto batch = std::make_unique<FinishedBatch>();
    {
        const std::lock_guard lock(shared.mutex);
        batch->swap(shared.untold);
        shared.untold.reserve(batch->size());  // as many will follow
    }
    if (!batch->empty()) {
        results.send(std::move(batch));
    }
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

TimePoint ThreadPool::next_look() const {
    TimePoint next = TimePoint::max();
    for (const std::unique_ptr<Slot>& slot : slots_) {
        if (!slot->items.empty()) {
            next = std::min(next, slot->look);
        }
    }
    return next;
}

FinishedBatch ThreadPool::take_finished(TimePoint now) {
    FinishedBatch all;
    for (int i = 0; i < batches_max; ++i) {
        const std::unique_ptr<FinishedBatch> told = finished_.receive();
        if (!told) {
            break;
        }
        Slot& slot = *slots_.at(told->front().slot);
        slot.look = now + look_after;
        take(slot, *told, all);
    }
    for (const std::unique_ptr<Slot>& slot : slots_) {
        if (now >= slot->look) {
            slot->look = TimePoint::max();
            FinishedBatch untold;
            {
                const std::lock_guard lock(slot->shared.mutex);
                untold.swap(slot->shared.untold);
                // No look follows this one, so what ends next is told of.
                slot->shared.next_tell = TimePoint{};
            }
            take(*slot, untold, all);
        }
    }
    return all;
}

void ThreadPool::take(Slot& slot, FinishedBatch& ended, FinishedBatch& into) {
    if (into.empty()) {
        into.reserve(ended.size());
    }
    for (Finished& end : ended) {
        const auto found =
            std::find_if(slot.items.begin(), slot.items.end(),
                         [&](const auto& item) { return item->work.lease == end.outcome.lease; });
        PENSTOCK_ASSERT(found != slot.items.end());
        slot.items.erase(found);
        into.push_back(std::move(end));
    }
}

void ThreadPool::hand_over(HandOver batch) {
    Slot& slot = *slots_.at(batch.slot);
    PENSTOCK_ASSERT(!batch.work.empty());
    const auto items = std::make_shared<TaskItems>(batch.work.size());
    for (std::size_t n = 0; n < batch.work.size(); ++n) {
        TaskItem& item = (*items)[n];
        item.work = std::move(batch.work[n]);
        slot.items.emplace_back(items, &item);
    }
    slot.outbox.send(std::make_unique<TaskBatch>(items));
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

std::size_t ThreadPool::outstanding() const {
    std::size_t count = 0;
    for (const std::unique_ptr<Slot>& slot : slots_) {
        count += slot->items.size();
    }
    return count;
}

bool ThreadPool::stop() {
    if (outstanding() > 0) {
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
