#include "producer/gateway/shell/upload_visit.hpp"

#include <utility>

#include "common/protocol/value.hpp"
#include "producer/gateway/shell/picture_reply.hpp"
#include "producer/gateway/shell/process_visit.hpp"

namespace penstock::gateway {
namespace {

Problem bad_request(const char* code, const char* detail) {
    return {400, code, detail};
}

}  // namespace

UploadVisit::UploadVisit(const Workshop& workshop, UploadOrder order)
    : workshop_(workshop),
      order_(std::move(order)),
      id_(client::new_task_id()),
      picture_(workshop.folder, workshop.limits.body_max_bytes) {
    if (order_.boundary) {
        form_.emplace(*order_.boundary, static_cast<FormSink&>(*this));
    }
}

std::optional<Problem> UploadVisit::receive(ByteView bytes) {
    return form_ ? form_->feed(bytes) : picture_.write(bytes);
}

std::optional<Problem> UploadVisit::part(std::string_view name) {
    in_picture_ = name == "image" || name == "file";
    pictures_ += in_picture_ ? 1 : 0;
    if (pictures_ > 1) {
        return bad_request("two_files", "the form has two files; send one at a time");
    }
    return std::nullopt;
}

std::optional<Problem> UploadVisit::content(ByteView bytes) {
    return in_picture_ ? picture_.write(bytes) : std::nullopt;
}

std::optional<Problem> UploadVisit::check() const {
    if (form_) {
        if (std::optional<Problem> problem = form_->finish()) {
            return problem;
        }
        if (pictures_ == 0) {
            return bad_request("no_file", "the form has no field image or file");
        }
    }
    if (picture_.size() == 0) {
        return bad_request("empty_file", "the file is empty");
    }
    if (!sniff_picture(picture_.beginning())) {
        return Problem{415, "unknown_format", "not a JPEG, PNG or WebP image, by its first bytes"};
    }
    return std::nullopt;
}

TimePoint UploadVisit::finish(std::shared_ptr<http::Caller> caller) {
    caller_ = std::move(caller);
    const TimePoint until =
        Instant::read().steady +
        (order_.patience.asynchronous ? workshop_.limits.wait : order_.patience.wait);
    if (const std::optional<Problem> problem = check()) {
        if (end()) {
            caller_->answer(http::problem_reply(*problem));
        }
        return until;
    }
    const auto ticket = workshop_.uploads.enter([self = shared_from_this()] {
        self->workshop_.submitting.add([self] { self->submit(); });
    });
    const std::lock_guard lock(mutex_);
    ticket_ = ticket;
    return until;
}

// Holds a place from here on, and gives it back in each way out.
void UploadVisit::submit() {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) {
            workshop_.uploads.leave();
            return;
        }
        submitted_ = true;
    }
    Answered<SharedBytes> picture = picture_.read();
    // The upload is gone from here on: its file has no name, and now no descriptor either.
    picture_ = Spill(workshop_.folder, 0);
    if (!picture) {
        if (end()) {
            caller_->answer(http::problem_reply(picture.error()));
        }
        workshop_.uploads.leave();
        return;
    }
    hand_over(std::move(*picture));
}

void UploadVisit::hand_over(SharedBytes picture) {
    client::NewTask task{id_,
                         {resize_args(order_.options, order_.wanted.format), std::move(picture)}};
    std::vector<client::NewTask> tasks;
    tasks.push_back(std::move(task));
    const client::Submission submission = submission_of("image.resize");
    const auto self = shared_from_this();
    if (order_.patience.asynchronous) {
        workshop_.broker.client().submit(
            submission, std::move(tasks),
            client::OnAccepted([self](const TaskId&, const Result<client::Receipt>& receipt) {
                self->accepted(receipt);
            }));
        return;
    }
    workshop_.broker.client().run(
        submission, std::move(tasks),
        client::OnFinished([self](const TaskId&, const Result<TaskResult>& result) {
            self->workshop_.disk.add([self, result] { self->finished(result); });
        }));
}

void UploadVisit::accepted(const Result<client::Receipt>& receipt) {
    workshop_.uploads.leave();
    if (!end()) {
        return;
    }
    caller_->answer(receipt ? accepted_reply({id_})
                            : http::problem_reply(problem_of(receipt.error())));
}

void UploadVisit::finished(const Result<TaskResult>& result) {
    if (end()) {
        http::Reply reply =
            result ? reply_of(*result) : http::problem_reply(problem_of(result.error()));
        reply.task = to_text(id_);
        caller_->answer(std::move(reply));
    }
    workshop_.uploads.leave();
}

http::Reply UploadVisit::reply_of(const TaskResult& result) const {
    if (result.state != TaskState::completed || result.error) {
        return http::problem_reply(problem_of(result));
    }
    const ByteView bytes = result.output.payload.view();
    if (order_.wanted.picture) {
        return picture_reply(bytes, id_, workshop_.folder, {});
    }
    const auto path = workshop_.folder.publish(result_name(id_, order_.wanted.format), bytes);
    if (!path) {
        return http::problem_reply(storage_problem(path.error()));
    }
    return http::json_reply(200, json_from_value({{"message", "Image processed successfully!"},
                                                  {"resultPath", *path}}));
}

bool UploadVisit::end() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(ended_, true);
}

void UploadVisit::run_late() {
    bool submitted = false;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ended_, true)) {
            return;
        }
        submitted = submitted_;
    }
    if (submitted) {
        caller_->answer(http::problem_reply(wait_over({id_}, order_.patience.wait)));
        return;
    }
    // If it was let in this moment, submit() sees that it has ended.
    static_cast<void>(workshop_.uploads.give_up(ticket_));
    caller_->answer(http::problem_reply(not_started()));
}

void UploadVisit::abandon() {
    bool submitted = false;
    Turnstile::Ticket ticket = 0;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ended_, true)) {
            return;
        }
        submitted = submitted_;
        ticket = ticket_;
    }
    if (submitted) {
        workshop_.broker.cancel({id_});
    } else {
        static_cast<void>(workshop_.uploads.give_up(ticket));
    }
}

}  // namespace penstock::gateway
