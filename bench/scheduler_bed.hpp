// The scheduler with simulated workers that answer at once and a journal as quick as memory: what
// a task costs in it, without codec and sockets.
//
// Thread rule: a value of one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/core/scheduler.hpp"

namespace penstock::bench {

class SchedulerBed {
  public:
    // Tasks that are submitted together, with so many bytes of arguments each.
    static constexpr std::size_t batch = 100;
    static constexpr std::size_t argument_bytes = 100;

    // `remembered`: finished tasks; few, so that memory is steady soon.
    SchedulerBed(std::uint32_t workers, std::uint32_t slots, std::uint64_t queued_max,
                 std::uint64_t remembered = 10'000)
        : scheduler_(settings(queued_max, remembered), 1, now_) {
        scheduler_.begin(epoch, 0, now_);
        scheduler_.handle(broker::FrontendMessage{client, protocol::Hello{"bench"}}, now_);
        for (std::uint32_t number = 1; number <= workers; ++number) {
            join(number, slots);
        }
        turn();
    }

    // `count` tasks that no worker knows wait in the queue.
    void queue_up(std::uint64_t count) {
        for (std::uint64_t done = 0; done < count; done += batch) {
            submit("unserved", "unserved");
            turn();
            sends_.clear();
        }
    }
    // Tasks that no worker knows wait in so many queues.
    void open_queues(std::uint64_t count) {
        for (std::uint64_t number = 0; number < count; ++number) {
            submit("unserved", "queue-" + std::to_string(number));
            turn();
            sends_.clear();
        }
    }
    // A batch of tasks of this queue from SUBMIT to SETTLED. Returns how many came to their end.
    std::size_t live(const std::string& queue = "default") {
        submit("math.square", queue);
        std::size_t completed = 0;
        while (completed < batch) {
            turn();
            completed += answer_dispatches();
        }
        turn();
        sends_.clear();
        return completed;
    }

  private:
    static constexpr broker::SessionId client = 1;
    static constexpr Epoch epoch{7};

    static broker::Settings settings(std::uint64_t queued_max, std::uint64_t remembered) {
        broker::Settings chosen;
        chosen.queue_tasks_max = queued_max + 1'000'000;
        chosen.queue_bytes_max = std::uint64_t{1} << 40U;
        chosen.finished_tasks_max = remembered;
        chosen.no_handler_grace = std::chrono::hours(1);
        return chosen;
    }

    void join(std::uint32_t number, std::uint32_t slots) {
        protocol::Join join;
        join.worker.bytes[0] = static_cast<std::uint8_t>(number);
        join.worker.bytes[1] = static_cast<std::uint8_t>(number >> 8U);
        join.site = {"host", number, number};
        join.slots = {slots, 0};
        join.types = {{"math.square", SlotClass::cpu}};
        scheduler_.handle(broker::BackendMessage{client + number, std::move(join)}, now_);
    }

    void submit(const std::string& type, const std::string& queue) {
        static const SharedBytes arguments = SharedBytes::copy_of(std::string(argument_bytes, 'a'));
        protocol::Submit message{type, queue, {}, {}};
        message.tasks.resize(batch);
        for (protocol::SubmittedTask& task : message.tasks) {
            task.id = make_task_id(now_.unix_ms, 0, random_.next());
            task.body.args = arguments;
        }
        scheduler_.handle(broker::FrontendMessage{client, std::move(message)}, now_);
    }

    // As the broker's loop: act, append, act again on what has become durable.
    void turn() {
        now_.steady += std::chrono::microseconds(1);
        scheduler_.advance(now_, effects_);
        while (!effects_.records.empty()) {
            sequence_ += effects_.records.size();
            keep_sends();
            scheduler_.handle(broker::BecameDurable{sequence_}, now_);
            scheduler_.advance(now_, effects_);
        }
        keep_sends();
    }
    void keep_sends() {
        for (broker::Outgoing& outgoing : effects_.sends) {
            sends_.push_back(std::move(outgoing));
        }
        effects_.clear();
    }

    std::size_t answer_dispatches() {
        std::size_t answered = 0;
        for (const broker::Outgoing& outgoing : std::exchange(sends_, {})) {
            const auto* dispatch = std::get_if<protocol::Dispatch>(&outgoing.message);
            if (dispatch == nullptr) {
                continue;
            }
            protocol::OutcomeBatch outcomes{epoch, {}};
            for (const protocol::DispatchGroup& group : dispatch->groups) {
                for (const protocol::Assignment& task : group.tasks) {
                    outcomes.outcomes.push_back(
                        {task.lease, 0, std::chrono::microseconds(5), {}, task.body});
                }
            }
            answered += outcomes.outcomes.size();
            scheduler_.handle(broker::BackendMessage{outgoing.session, std::move(outcomes)}, now_);
        }
        return answered;
    }

    Instant now_{TimePoint{std::chrono::hours(1)}, 1'700'000'000'000};
    broker::Scheduler scheduler_;
    broker::Random random_{1};
    broker::Effects effects_;
    std::vector<broker::Outgoing> sends_;
    broker::Sequence sequence_ = 0;
};

}  // namespace penstock::bench
