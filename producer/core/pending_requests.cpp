#include "producer/core/pending_requests.hpp"

#include <algorithm>
#include <utility>

namespace penstock::client {

using std::chrono::milliseconds;

PendingRequests::PendingRequests(milliseconds timeout, Error unreachable)
    : timeout_(timeout), unreachable_(std::move(unreachable)) {}

void PendingRequests::greet(Ticket ticket, TimePoint now, RequestEffects& effects) {
    if (in_session_) {
        effects.notices.push_back({ticket, terms_});
        return;
    }
    greetings_.push_back({{ticket}, now, std::nullopt});
}

void PendingRequests::cancel(const TaskId& id, Ticket ticket, TimePoint now) {
    Ask& ask = cancels_.try_emplace(id, Ask{{}, now, std::nullopt}).first->second;
    ask.tickets.push_back(ticket);
}

void PendingRequests::ask(Question question, Ticket ticket, TimePoint now) {
    const std::uint64_t request = next_request_++;
    std::visit([request](auto& known) { known.request = request; }, question);
    questions_.emplace(request, Asked{{{ticket}, now, std::nullopt}, std::move(question)});
}

void PendingRequests::session_started(const BrokerTerms& terms, RequestEffects& effects) {
    terms_ = terms;
    in_session_ = true;
    for (const Ask& ask : greetings_) {
        effects.notices.push_back({ask.tickets.front(), terms_});
    }
    greetings_.clear();
    for (auto& [id, ask] : cancels_) {
        ask.sent.reset();
    }
    for (auto& [request, asked] : questions_) {
        asked.ask.sent.reset();
    }
}

void PendingRequests::session_lost(TimePoint now) {
    // Attempts that lead to no session are part of the same wait.
    if (in_session_) {
        in_session_ = false;
        session_lost_at_ = now;
    }
}

void PendingRequests::cancelling(std::span<const TaskId> ids, RequestEffects& effects) {
    for (const TaskId& id : ids) {
        end_cancel(cancels_.find(id), Cancelling{}, effects);
    }
}

void PendingRequests::refusal(const Error& error, std::span<const TaskId> ids,
                              RequestEffects& effects) {
    for (const TaskId& id : ids) {
        end_cancel(cancels_.find(id), error, effects);
    }
}

void PendingRequests::end_cancel(Cancels::iterator position,
                                 const std::variant<Cancelling, Error>& end,
                                 RequestEffects& effects) {
    if (position == cancels_.end()) {
        return;
    }
    for (const Ticket ticket : position->second.tickets) {
        RequestNotice notice{ticket, Cancelling{}};
        if (const auto* error = std::get_if<Error>(&end)) {
            notice.what = *error;
        }
        effects.notices.push_back(std::move(notice));
    }
    cancels_.erase(position);
}

template <typename Kind, typename Reply>
void PendingRequests::end_question(Reply reply, RequestEffects& effects) {
    const auto position = questions_.find(reply.request);
    if (position == questions_.end() || !std::holds_alternative<Kind>(position->second.question)) {
        return;
    }
    const Ticket ticket = position->second.ask.tickets.front();
    effects.notices.push_back({ticket, std::move(reply)});
    questions_.erase(position);
}

void PendingRequests::answer(protocol::Answer answer, RequestEffects& effects) {
    end_question<protocol::Query>(std::move(answer), effects);
}

void PendingRequests::answer(protocol::ArchiveReply reply, RequestEffects& effects) {
    end_question<protocol::ArchiveRequest>(std::move(reply), effects);
}

void PendingRequests::answer(protocol::BackupPart part, RequestEffects& effects) {
    end_question<protocol::Backup>(std::move(part), effects);
}

void PendingRequests::fail_all(const Error& error, RequestEffects& effects) {
    while (!cancels_.empty()) {
        end_cancel(cancels_.begin(), error, effects);
    }
    for (const auto& [request, asked] : questions_) {
        effects.notices.push_back({asked.ask.tickets.front(), error});
    }
    questions_.clear();
    for (const Ask& ask : greetings_) {
        effects.notices.push_back({ask.tickets.front(), error});
    }
    greetings_.clear();
}

void PendingRequests::advance(TimePoint now, RequestEffects& effects) {
    if (in_session_) {
        send_due(now, effects);
        return;
    }
    give_up_due(now, effects);
}

void PendingRequests::send_due(TimePoint now, RequestEffects& effects) {
    std::vector<TaskId> ids;
    for (auto& [id, ask] : cancels_) {
        if (!is_due(ask, now)) {
            continue;
        }
        ask.sent = now;
        ids.push_back(id);
        if (ids.size() == terms_.batch_max) {
            effects.cancels.push_back(std::exchange(ids, {}));
        }
    }
    if (!ids.empty()) {
        effects.cancels.push_back(std::move(ids));
    }
    for (auto& [request, asked] : questions_) {
        if (is_due(asked.ask, now)) {
            asked.ask.sent = now;
            effects.questions.push_back(asked.question);
        }
    }
}

void PendingRequests::give_up_due(TimePoint now, RequestEffects& effects) {
    for (auto position = cancels_.begin(); position != cancels_.end();) {
        const auto current = position++;
        if (is_due(current->second, now)) {
            end_cancel(current, unreachable_, effects);
        }
    }
    const auto give_up = [&](const Ask& ask) {
        const bool due = is_due(ask, now);
        if (due) {
            effects.notices.push_back({ask.tickets.front(), unreachable_});
        }
        return due;
    };
    std::erase_if(questions_, [&](const auto& entry) { return give_up(entry.second.ask); });
    std::erase_if(greetings_, give_up);
}

std::optional<TimePoint> PendingRequests::deadline(const Ask& ask) const {
    if (in_session_) {
        return ask.sent ? *ask.sent + terms_.liveness : ask.since;
    }
    if (timeout_ == milliseconds::zero()) {
        return std::nullopt;
    }
    return std::max(ask.since, session_lost_at_) + timeout_;
}

bool PendingRequests::is_due(const Ask& ask, TimePoint now) const {
    const std::optional<TimePoint> time = deadline(ask);
    return time && *time <= now;
}

std::optional<TimePoint> PendingRequests::next_deadline() const {
    std::optional<TimePoint> earliest;
    const auto consider = [&](const Ask& ask) {
        const std::optional<TimePoint> time = deadline(ask);
        if (time && (!earliest || *time < *earliest)) {
            earliest = time;
        }
    };
    for (const auto& [id, ask] : cancels_) {
        consider(ask);
    }
    for (const auto& [request, asked] : questions_) {
        consider(asked.ask);
    }
    std::ranges::for_each(greetings_, consider);
    return earliest;
}

}  // namespace penstock::client
