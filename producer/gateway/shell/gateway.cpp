#include "producer/gateway/shell/gateway.hpp"

#include <utility>

#include "producer/gateway/shell/process_visit.hpp"
#include "producer/gateway/shell/task_visit.hpp"
#include "producer/gateway/shell/upload_visit.hpp"

namespace penstock::gateway {
namespace {

using Visit = std::shared_ptr<http::Visit>;

Problem away(const char* code, const char* detail) {
    Problem problem{503, code, detail};
    problem.retry_after = std::chrono::seconds(1);
    return problem;
}

// For those who come on a connection that they have kept.
http::Reply closing_reply(const Problem& problem) {
    http::Reply reply = http::problem_reply(problem);
    reply.headers.emplace_back("Connection", "close");
    return reply;
}

Answered<Visit> begin_process(const Workshop& workshop, const Head& head) {
    const auto length = expected_length(head, json_max_bytes);
    if (!length) {
        return tl::unexpected(length.error());
    }
    if (!is_json(head.content_type)) {
        return refuse(415, "unsupported_media_type",
                      "send JSON, with the header Content-Type: application/json");
    }
    return std::make_shared<ProcessVisit>(workshop, patience(head.prefer, workshop.limits));
}

Answered<Visit> begin_upload(const Workshop& workshop, const Head& head, const Target& target) {
    const Limits& limits = workshop.limits;
    const bool has_form = is_form(head.content_type);
    const auto length =
        expected_length(head, limits.body_max_bytes + (has_form ? form_overhead_bytes : 0));
    if (!length) {
        return tl::unexpected(length.error());
    }
    Answered<UploadOptions> options = read_upload_options(target);
    if (!options) {
        return tl::unexpected(options.error());
    }
    const auto wanted = negotiate(head.accept, options->format, options->download);
    if (!wanted) {
        return tl::unexpected(wanted.error());
    }
    std::optional<std::string> boundary = form_boundary(head.content_type);
    if (has_form && !boundary) {
        return refuse(400, "malformed_multipart", "Content-Type has no usable boundary");
    }
    return std::make_shared<UploadVisit>(
        workshop, UploadOrder{std::move(*options), *wanted, patience(head.prefer, limits),
                              has_form ? std::move(boundary) : std::nullopt, length->bytes});
}

}  // namespace

Gateway::Begun Gateway::begin(const Head& head) {
    const auto target = parse_target(head.target);
    if (!target) {
        return http::problem_reply(target.error());
    }
    const auto match = find_route(head.method, target->path);
    if (!match) {
        return http::problem_reply(match.error());
    }
    switch (match->route) {
        case Route::health:
        case Route::live: return http::json_reply(200, R"({"status":"ok"})");
        case Route::ready: return readiness();
        case Route::process:
        case Route::upload:
        case Route::task:
        case Route::task_result: break;
    }
    return begin_work(head, *match, *target);
}

Gateway::Begun Gateway::begin_work(const Head& head, const Match& match, const Target& target) {
    if (draining_) {
        return closing_reply(away("draining", "this gateway is about to stop; ask another"));
    }
    if (!workshop_.broker.is_reachable()) {
        return http::problem_reply(away("unavailable", "the broker cannot be reached now"));
    }
    Answered<Visit> visit = refuse(404, "not_found", "");
    if (match.route == Route::process) {
        visit = begin_process(workshop_, head);
    } else if (match.route == Route::upload) {
        visit = begin_upload(workshop_, head, target);
    } else {
        visit = std::make_shared<TaskVisit>(workshop_, match, head.if_none_match);
    }
    if (!visit) {
        return http::problem_reply(visit.error());
    }
    return std::move(*visit);
}

http::Reply Gateway::readiness() const {
    if (draining_) {
        return http::problem_reply(away("draining", "this gateway is about to stop"));
    }
    if (!workshop_.broker.is_ready(Instant::read().steady)) {
        return http::problem_reply(away("unavailable", "the broker does not answer"));
    }
    return http::json_reply(200, R"({"status":"ready"})");
}

}  // namespace penstock::gateway
