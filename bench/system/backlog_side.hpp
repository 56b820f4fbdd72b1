// A broker with a journal, limits that allow for millions of waiting tasks, and workers only while
// it is measured what they are given.
//
// Thread rule: used by the thread that made it.
#pragma once

#include <cstdint>
#include <memory>

#include "bench/system/folder.hpp"
#include "common/model/result.hpp"
#include "common/model/time.hpp"
#include "common/process/spawn.hpp"
#include "producer/client/client.hpp"

namespace penstock::bench {

// Of each waiting task.
inline constexpr std::size_t backlog_body_bytes = 200;

class BacklogSide {
  public:
    // Requires: PENSTOCK_TEST_HANDLERS=1. Errors: not_found (a program), unavailable.
    [[nodiscard]] static Result<std::unique_ptr<BacklogSide>> start(const Folder& folder);
    ~BacklogSide();
    BacklogSide(const BacklogSide&) = delete;
    BacklogSide& operator=(const BacklogSide&) = delete;

    // Submits tasks in bulk at durability `disk`, and waits for all receipts. How long it took.
    [[nodiscard]] Result<Duration> add(std::uint64_t tasks);
    // Resident memory of the broker.
    [[nodiscard]] Result<std::uint64_t> resident_bytes() const;
    // Asks for the first page of a hundred waiting tasks.
    [[nodiscard]] Result<Duration> list_page();
    // Lets workers run about so many of the tasks. How long one took, on average.
    struct Run {
        std::uint64_t tasks = 0;
        Duration elapsed{0};
    };
    [[nodiscard]] Result<Run> run_some(std::uint64_t tasks);

  private:
    BacklogSide(process::Child broker, client::Client client, std::string backend)
        : broker_(std::move(broker)), client_(std::move(client)), backend_(std::move(backend)) {}
    [[nodiscard]] Result<std::uint64_t> completed();

    process::Child broker_;
    client::Client client_;
    std::string backend_;
};

}  // namespace penstock::bench
