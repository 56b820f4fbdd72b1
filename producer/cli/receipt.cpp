#include "producer/cli/receipt.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "producer/cli/broker_access.hpp"
#include "producer/cli/outcome.hpp"
#include "producer/cli/waiting.hpp"
#include "producer/client/mailbox.hpp"

namespace penstock::cli {
namespace {

int print_receipt(const TaskId& id, const Result<client::Receipt>& receipt, const Output& output) {
    if (!receipt) {
        const Error& error = receipt.error();
        const int status = report(output, error);
        if (error.code == ErrorCode::timed_out || error.code == ErrorCode::unavailable) {
            output.error(unconfirmed_words(id));
        }
        return status;
    }
    if (output.json()) {
        output.value({{"id", to_text(id)}, {"durability", name(receipt->durability)}});
    } else {
        output.line(to_text(id));
    }
    return exit_status(ExitCode::ok);
}

}  // namespace

int submit_and_print(client::Client& client, const client::Submission& submission,
                     client::NewTask task, const Globals& globals, const Output& output) {
    using Inbox = client::Mailbox<Result<client::Receipt>>;
    // Shared with the callback, which runs at the latest when the client ends.
    const auto inbox = std::make_shared<Inbox>();
    const Interrupt interrupt;
    const TimePoint deadline = Instant::read().steady + answer_timeout(globals);
    const TaskId id = task.id;
    client.submit(submission, {std::move(task)},
                  client::OnAccepted([inbox](const TaskId&, Result<client::Receipt> receipt) {
                      inbox->push(std::move(receipt));
                  }));
    std::vector<Result<client::Receipt>> receipts;
    while (true) {
        const Wake wake = wait({.news = inbox->descriptor(), .deadline = deadline}, interrupt);
        inbox->take(receipts);
        if (!receipts.empty()) {
            return print_receipt(id, receipts.front(), output);
        }
        switch (wake) {
            case Wake::news: break;
            case Wake::timed_out:
                return print_receipt(id, tl::unexpected(no_answer(globals)), output);
            case Wake::interrupted: return print_interrupted({.id = id}, interrupt, output);
        }
    }
}

}  // namespace penstock::cli
