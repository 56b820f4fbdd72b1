// One POST /upload: a picture in, a smaller one out.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "producer/gateway/core/accept.hpp"
#include "producer/gateway/core/form.hpp"
#include "producer/gateway/core/upload_options.hpp"
#include "producer/gateway/shell/spill.hpp"
#include "producer/gateway/shell/workshop.hpp"

namespace penstock::gateway {

struct UploadOrder {
    UploadOptions options;
    Wanted wanted;
    Patience patience;
    std::optional<std::string> boundary;  // of a form; else the body is the picture
};

// Thread rule: see Visit; what comes from the client's thread and the jobs meets those calls under
// a mutex.
class UploadVisit : public http::Visit,
                    public std::enable_shared_from_this<UploadVisit>,
                    private FormSink {
  public:
    UploadVisit(const Workshop& workshop, UploadOrder order);

    std::optional<Problem> receive(ByteView bytes) override;
    TimePoint finish(std::shared_ptr<http::Caller> caller) override;
    void run_late() override;
    void abandon() override;

  private:
    std::optional<Problem> part(std::string_view name) override;
    std::optional<Problem> content(ByteView bytes) override;

    // What is wrong with the body as a whole, if anything.
    [[nodiscard]] std::optional<Problem> check() const;
    void submit();
    void hand_over(SharedBytes picture);
    void accepted(const Result<client::Receipt>& receipt);
    void finished(const Result<TaskResult>& result);
    [[nodiscard]] http::Reply reply_of(const TaskResult& result) const;
    [[nodiscard]] bool end();

    const Workshop& workshop_;
    const UploadOrder order_;
    const TaskId id_;
    Spill picture_;
    std::optional<FormReader> form_;
    int pictures_ = 0;         // parts of the form that are one
    bool in_picture_ = false;  // the present part is one
    std::shared_ptr<http::Caller> caller_;

    std::mutex mutex_;
    bool ended_ = false;      // answered, or nobody is there
    bool submitted_ = false;  // the broker may have it
    Turnstile::Ticket ticket_ = 0;
};

}  // namespace penstock::gateway
