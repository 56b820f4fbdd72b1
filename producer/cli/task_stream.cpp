#include "producer/cli/task_stream.hpp"

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "producer/client/mailbox.hpp"

namespace penstock::cli {
namespace {

// Handed over in one go: what fits into one message.
constexpr std::size_t hand_over_max = 1024;
constexpr std::size_t hand_over_bytes = std::size_t{1} << 20U;
constexpr std::size_t offers_per_turn = 4096;
constexpr std::chrono::milliseconds progress_pause{100};

struct News {
    TaskId id;
    Ending ending;
};
// Shared with the callbacks, which may outlive the stream.
using Inbox = client::Mailbox<News>;

template <typename T>
Ending ending_of(Result<T> result) {
    if (!result) {
        return std::move(result.error());
    }
    return std::move(*result);
}

class Runner {
  public:
    Runner(client::Client& client, const TaskStream& stream) : client_(client), stream_(stream) {}

    Wake run(std::optional<TimePoint> deadline, const Interrupt& interrupt) {
        std::vector<News> news;
        while (true) {
            feed();
            stream_.on_step(ended_);
            if (is_done()) {
                return Wake::news;
            }
            const bool wants_input = waits_for_input_ && has_room();
            const Wake wake =
                wait({inbox_->descriptor(), wants_input ? stream_.input_descriptor : -1, deadline,
                      progress_pause, more_at_once_},
                     interrupt);
            inbox_->take(news);
            for (News& one : news) {
                end(std::move(one));
            }
            if (wake != Wake::news && !is_done()) {
                end_unfinished();
                return wake;
            }
        }
    }

  private:
    // Never waits in the client: Ctrl-C, the deadline and the bar go on while a queue is full.
    [[nodiscard]] bool has_room() const {
        return in_flight_.size() < stream_.in_flight_max && !client_.is_full() &&
               (!stream_.takes_more || stream_.takes_more());
    }
    [[nodiscard]] bool is_done() const { return exhausted_ && in_flight_.empty(); }

    // One turn's worth of input, so that an endless one leaves time for the rest, too.
    void feed() {
        waits_for_input_ = false;
        bool open = !exhausted_;
        std::size_t offers = 0;
        for (; offers < offers_per_turn && open && has_room(); ++offers) {
            Offer offer = stream_.next();
            exhausted_ = std::holds_alternative<NoneLeft>(offer);
            waits_for_input_ = std::holds_alternative<NoneYet>(offer);
            open = take(std::move(offer));
        }
        hand_over(tasks_, stream_.submission);
        hand_over(follow_ups_, stream_.follow_up);
        more_at_once_ = offers == offers_per_turn;
    }

    // False if nothing comes after it for now.
    bool take(Offer offer) {
        if (auto* task = std::get_if<client::NewTask>(&offer)) {
            add(std::move(*task), tasks_, stream_.submission);
            return true;
        }
        if (auto* follow_up = std::get_if<FollowUp>(&offer)) {
            add(std::move(follow_up->task), follow_ups_, stream_.follow_up);
            return true;
        }
        if (auto* error = std::get_if<Error>(&offer)) {
            ++ended_;
            stream_.on_end(next_index_++, TaskId{}, std::move(*error));
            return true;
        }
        return false;
    }

    // Tasks that wait to be handed over together.
    struct Batch {
        std::vector<client::NewTask> tasks;
        std::size_t bytes = 0;
    };

    void add(client::NewTask task, Batch& batch, const client::Submission& submission) {
        in_flight_.emplace(task.id, next_index_++);
        batch.bytes += task.body.size_bytes();
        batch.tasks.push_back(std::move(task));
        if (batch.tasks.size() == hand_over_max || batch.bytes >= hand_over_bytes) {
            hand_over(batch, submission);
        }
    }

    void hand_over(Batch& batch, const client::Submission& submission) {
        if (batch.tasks.empty()) {
            return;
        }
        std::vector<client::NewTask> tasks = std::exchange(batch, {}).tasks;
        const auto tell = [inbox = inbox_](const TaskId& id, auto result) {
            inbox->push({id, ending_of(std::move(result))});
        };
        if (stream_.interest == client::Interest::receipt) {
            client_.submit(submission, std::move(tasks), client::OnAccepted(tell));
            return;
        }
        client_.run(submission, std::move(tasks), client::OnFinished(tell));
    }

    void end(News news) {
        const auto position = in_flight_.find(news.id);
        if (position == in_flight_.end()) {
            return;
        }
        const std::size_t index = position->second;
        in_flight_.erase(position);
        ++ended_;
        stream_.on_end(index, news.id, std::move(news.ending));
    }

    void end_unfinished() {
        for (const auto& [id, index] : in_flight_) {
            stream_.on_end(index, id, Unfinished{});
        }
    }

    client::Client& client_;
    const TaskStream& stream_;
    std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
    std::unordered_map<TaskId, std::size_t> in_flight_;
    Batch tasks_;
    Batch follow_ups_;
    std::size_t next_index_ = 0;
    std::size_t ended_ = 0;
    bool exhausted_ = false;
    bool waits_for_input_ = false;
    bool more_at_once_ = false;  // the turn ended, not the input
};

}  // namespace

Wake run_stream(client::Client& client, const TaskStream& stream, std::optional<TimePoint> deadline,
                const Interrupt& interrupt) {
    return Runner(client, stream).run(deadline, interrupt);
}

}  // namespace penstock::cli
