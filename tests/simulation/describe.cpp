#include "tests/simulation/describe.hpp"

#include <fmt/format.h>

#include "tests/simulation/errand.hpp"

namespace penstock::simulation {
namespace {

std::string text_of(const Lease& lease) {
    return fmt::format(" {}#{}", number_of(lease.task), lease.attempt);
}

std::string text_of(const std::vector<TaskId>& ids) {
    std::string text;
    for (const TaskId& id : ids) {
        text += fmt::format(" {}", number_of(id));
    }
    return text;
}

std::string text_of(const std::vector<Lease>& leases) {
    std::string text;
    for (const Lease& lease : leases) {
        text += text_of(lease);
    }
    return text;
}

std::string text_of(const protocol::Submit& submit) {
    std::string text = fmt::format(" {}/{}:", submit.queue, submit.type);
    for (const protocol::SubmittedTask& task : submit.tasks) {
        text += fmt::format(" {}", number_of(task.id));
    }
    return text;
}

std::string text_of(const protocol::Dispatch& dispatch) {
    std::string text;
    for (const protocol::DispatchGroup& group : dispatch.groups) {
        for (const protocol::Assignment& assignment : group.tasks) {
            text += text_of(assignment.lease);
        }
    }
    return text;
}

std::string text_of(const protocol::OutcomeBatch& batch) {
    std::string text;
    for (const protocol::Outcome& outcome : batch.outcomes) {
        text += text_of(outcome.lease) +
                (outcome.error ? fmt::format(" {}", name(outcome.error->code)) : " done");
    }
    return text;
}

std::string text_of(const protocol::ResultBatch& batch) {
    std::string text;
    for (const TaskResult& result : batch.results) {
        text += fmt::format(" {} {}", number_of(result.id), name(result.state));
    }
    return text;
}

std::string text_of(const protocol::Refusal& refusal) {
    return fmt::format(" {}", name(refusal.error.code)) + text_of(refusal.ids);
}

std::string text_of(const protocol::Obituary& obituary) {
    std::string text = fmt::format(" {}:", obituary.number);
    for (const protocol::StartedLease& started : obituary.started) {
        text += text_of(started.lease) + fmt::format(" fate {}", static_cast<int>(started.fate));
    }
    return text;
}

template <typename Message>
std::string text_of(const Message& message) {
    if constexpr (requires { message.ids; }) {
        return text_of(message.ids);
    } else if constexpr (requires { message.leases; }) {
        return text_of(message.leases);
    } else if constexpr (requires { message.held; }) {
        return text_of(message.held);
    } else {
        return {};
    }
}

std::string text_of(const broker::TaskAccepted& record) {
    return fmt::format("accepted {} ticket {}", number_of(record.id), record.ticket);
}

std::string text_of(const broker::AttemptFailed& record) {
    return fmt::format("failed {} runs {} charged {} ticket {}", number_of(record.id), record.runs,
                       record.charged, record.ticket);
}

std::string text_of(const broker::CancelRequested& record) {
    return fmt::format("to be cancelled {}", number_of(record.id));
}

std::string text_of(const broker::TaskFinished& record) {
    return fmt::format("ended {} {} {} attempts {}", number_of(record.result.id),
                       name(record.result.state), name(record.result.dead_reason),
                       record.result.attempts);
}

std::string text_of(const broker::TasksForgotten& record) {
    return fmt::format("forgotten below {}:", record.floor_ms) + text_of(record.ids);
}

}  // namespace

std::string to_text(const broker::Record& record) {
    return std::visit([](const auto& known) { return text_of(known); }, record);
}

std::string to_text(const protocol::Message& message) {
    return std::string(name(protocol::kind_of(message))) +
           std::visit([](const auto& known) { return text_of(known); }, message);
}

}  // namespace penstock::simulation
