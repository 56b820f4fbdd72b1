#include "producer/gateway/shell/upload_visit.hpp"

#include <fmt/format.h>
#include <utility>

#include "common/protocol/value.hpp"
#include "producer/gateway/shell/picture_reply.hpp"

namespace penstock::gateway {
namespace {

Problem bad_request(const char* code, const char* detail) {
    return {400, code, detail};
}

}  // namespace

UploadVisit::UploadVisit(const Workshop& workshop, UploadOrder order)
    : WorkVisit(workshop, workshop.uploads, order.patience),
      order_(std::move(order)),
      picture_(workshop.folder, workshop.bodies, workshop.limits.body_max_bytes, order_.length) {
    if (order_.boundary) {
        form_.emplace(*order_.boundary, static_cast<FormSink&>(*this));
    }
}

std::optional<Problem> UploadVisit::receive(ByteView bytes) {
    std::optional<Problem> problem = take_in(bytes);
    if (problem) {
        picture_.drop();  // the caller may stay for a while
    }
    return problem;
}

std::optional<Problem> UploadVisit::take_in(ByteView bytes) {
    if (!form_) {
        return picture_.write(bytes);
    }
    // What is around the picture counts, too: in chunks it has no length that could be refused.
    form_bytes_ += bytes.size();
    const std::uint64_t bytes_max = workshop_.limits.body_max_bytes + form_overhead_bytes;
    if (form_bytes_ > bytes_max) {
        return Problem{413, "too_large", fmt::format("at most {} bytes are taken", bytes_max)};
    }
    return form_->feed(bytes);
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
    keep(std::move(caller));
    if (const std::optional<Problem> problem = check()) {
        answer(http::problem_reply(*problem));
        return Instant::read().steady;
    }
    form_.reset();  // a visit that waits is small
    return wait_for_place();
}

void UploadVisit::drop_body() {
    picture_.drop();
}

void UploadVisit::start() {
    // Its file, if it is in one, has no name, and from here on no descriptor either.
    Answered<SharedBytes> picture = picture_.take();
    if (!picture) {
        answer(http::problem_reply(picture.error()));
        leave();
        return;
    }
    const SharedBytes args = resize_args(order_.options, order_.wanted.format);
    std::vector<client::NewTask> tasks;
    tasks.push_back({client::new_task_id(), {args, *std::move(picture)}});
    hand_over("image.resize", std::move(tasks));
}

http::Reply UploadVisit::reply_of(const std::vector<TaskResult>& results) const {
    const TaskResult& result = results.front();
    const ByteView bytes = result.output.payload.view();
    if (order_.wanted.picture) {
        return picture_reply(bytes, result.id, workshop_.folder, {});
    }
    const auto path = workshop_.folder.publish(result_name(result.id, order_.wanted.format), bytes);
    if (!path) {
        return http::problem_reply(storage_problem(path.error()));
    }
    return http::json_reply(200, json_from_value({{"message", "Image processed successfully!"},
                                                  {"resultPath", *path}}));
}

}  // namespace penstock::gateway
