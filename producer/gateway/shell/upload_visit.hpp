// One POST /upload: a picture in, a smaller one out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/gateway/core/accept.hpp"
#include "producer/gateway/core/form.hpp"
#include "producer/gateway/core/upload_options.hpp"
#include "producer/gateway/shell/spill.hpp"
#include "producer/gateway/shell/work_visit.hpp"

namespace penstock::gateway {

struct UploadOrder {
    UploadOptions options;
    Wanted wanted;
    Patience patience;
    std::optional<std::string> boundary;  // of a form; else the body is the picture
    std::optional<std::uint64_t> length;  // of the body, if it is known
};

// Thread rule: see QueuedVisit.
class UploadVisit : public WorkVisit, private FormSink {
  public:
    UploadVisit(const Workshop& workshop, UploadOrder order);

    std::optional<Problem> receive(ByteView bytes) override;
    TimePoint finish(std::shared_ptr<http::Caller> caller) override;

  private:
    std::optional<Problem> take_in(ByteView bytes);
    std::optional<Problem> part(std::string_view name) override;
    std::optional<Problem> content(ByteView bytes) override;

    // What is wrong with the body as a whole, if anything.
    [[nodiscard]] std::optional<Problem> check() const;
    void start() override;
    void drop_body() override;
    [[nodiscard]] http::Reply reply_of(const std::vector<TaskResult>& results) const override;

    const UploadOrder order_;
    Spill picture_;
    std::optional<FormReader> form_;
    std::uint64_t form_bytes_ = 0;
    int pictures_ = 0;         // parts of the form that are one
    bool in_picture_ = false;  // the present part is one
};

}  // namespace penstock::gateway
