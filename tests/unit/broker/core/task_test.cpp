#include "broker/core/task.hpp"

#include <array>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

using enum TaskState;

constexpr std::array all_states{scheduled, queued, active,    retrying, blocked,
                                completed, dead,   cancelled, expired};
constexpr std::array all_triggers{Trigger::dispatch, Trigger::give_back, Trigger::complete,
                                  Trigger::retry,    Trigger::wake,      Trigger::give_up,
                                  Trigger::cancel,   Trigger::postpone,  Trigger::expire};

// The states as a task would be led through them.
Task task_in(TaskState state) {
    Task task;
    const auto go = [&](auto... triggers) { (task.apply(triggers), ...); };
    switch (state) {
        case queued: break;
        case active: go(Trigger::dispatch); break;
        case retrying: go(Trigger::dispatch, Trigger::retry); break;
        case completed: go(Trigger::dispatch, Trigger::complete); break;
        case dead: go(Trigger::give_up); break;
        case cancelled: go(Trigger::cancel); break;
        case scheduled: go(Trigger::postpone); break;
        case expired: go(Trigger::expire); break;
        case blocked: FAIL("no way leads there yet");
    }
    return task;
}

using Row = std::tuple<std::string, std::string, std::string>;

std::string cell(std::istringstream& line) {
    std::string text;
    std::getline(line, text, '|');
    const auto first = text.find_first_not_of(" `");
    const auto last = text.find_last_not_of(" `");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// The rows of the document's table, as they stand under its heading line.
std::multiset<Row> rows_of_document() {
    std::ifstream file(PENSTOCK_SOURCE_DIR "/docs/LIFECYCLE.md");
    REQUIRE(file.is_open());
    std::multiset<Row> rows;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("|")) {
            inside = false;
            continue;
        }
        std::istringstream cells(line.substr(1));
        const Row row{cell(cells), cell(cells), cell(cells)};
        if (row == Row{"from", "trigger", "to"}) {
            inside = true;
        } else if (inside && !std::get<0>(row).starts_with("-")) {
            rows.insert(row);
        }
    }
    return rows;
}

}  // namespace

TEST_CASE("every pair of state and trigger leads where the table says, or nowhere") {
    std::size_t legal = 0;
    for (const TaskState from : all_states) {
        for (const Trigger trigger : all_triggers) {
            std::set<TaskState> to;
            for (const Transition& transition : transitions()) {
                if (transition.from == from && transition.trigger == trigger) {
                    to.insert(transition.to);
                }
            }
            CAPTURE(name(from), name(trigger));
            REQUIRE(to.size() <= 1);
            const std::optional<TaskState> next = next_state(from, trigger);
            CHECK(next.has_value() == !to.empty());
            if (next) {
                ++legal;
                CHECK(*to.begin() == *next);
                Task task = task_in(from);
                task.apply(trigger);
                CHECK(task.state() == *next);
            }
        }
    }
    CHECK(legal == transitions().size());
}

TEST_CASE("nothing leads out of a final state") {
    for (const TaskState from : {completed, dead, cancelled, expired}) {
        for (const Trigger trigger : all_triggers) {
            CAPTURE(name(from), name(trigger));
            CHECK_FALSE(next_state(from, trigger).has_value());
        }
    }
}

TEST_CASE("every state that a task can be in has a way to a final one") {
    std::set<TaskState> reached{completed, dead, cancelled, expired};
    for (std::size_t round = 0; round < all_states.size(); ++round) {
        for (const Transition& transition : transitions()) {
            if (reached.contains(transition.to)) {
                reached.insert(transition.from);
            }
        }
    }
    CHECK(reached == std::set<TaskState>{scheduled, queued, active, retrying, completed, dead,
                                         cancelled, expired});
}

TEST_CASE("docs/LIFECYCLE.md has exactly the transitions of the code") {
    std::multiset<Row> rows;
    for (const Transition& transition : transitions()) {
        rows.insert(Row{name(transition.from), name(transition.trigger), name(transition.to)});
    }
    CHECK(rows_of_document() == rows);
}

TEST_CASE("a task keeps all that it was submitted with, up to ten years") {
    TaskOptions options;
    options.durability = Durability::memory;
    options.max_attempts = 4'000'000'000;
    options.time_limit = std::chrono::hours(24 * 365 * 10);
    options.backoff_base = std::chrono::milliseconds(0x1'0000'0001);
    options.backoff_max = std::chrono::milliseconds(0xFFFF'FFFF);
    options.notify = false;
    CHECK(TaskTerms(options).options() == options);
    CHECK(TaskTerms().options() == TaskOptions{});
}

TEST_CASE("how long a task has waited is known when the short clock begins anew") {
    Instant taken;
    taken.steady += std::chrono::milliseconds(0xFFFF'FF00);
    Instant later = taken;
    later.steady += std::chrono::seconds(5);
    Task task;
    task.take_now(taken);
    CHECK(task.waited(later) == std::chrono::seconds(5));
}

TEST_CASE("a result whose output has been dropped says so") {
    Task task = task_in(completed);
    task.edit_last().output_expired = true;
    REQUIRE(task.result().error.has_value());
    CHECK(task.result().error->code == ErrorCode::result_expired);
    CHECK(task.result().state == completed);
}

}  // namespace penstock::broker
