// What `map` makes of the results of its parts, as they come.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "producer/cli/output.hpp"
#include "producer/cli/result_tree.hpp"

namespace penstock::cli {

class Reduction {
  public:
    Reduction() = default;
    virtual ~Reduction() = default;
    Reduction(const Reduction&) = delete;
    Reduction& operator=(const Reduction&) = delete;

    // Requires: each part once, in any order. Errors: malformed (it cannot be reduced).
    [[nodiscard]] virtual Result<void> add(std::size_t part, Value result) = 0;
    // A part that has no result. Nothing that needs all of them will be printed.
    virtual void miss(std::size_t /*part*/) {}
    // False while it holds too much back for results that have not come.
    [[nodiscard]] virtual bool takes_more() const { return true; }

    // For one that has tasks of its own: whether it has all it needs, once so many parts are all;
    // the task that it wants next; and what one of them gave.
    virtual void set_count(std::size_t /*parts*/) {}
    [[nodiscard]] virtual bool is_done() const { return true; }
    [[nodiscard]] virtual std::optional<ResultTree::Group> next_group() { return std::nullopt; }
    virtual void add_reduced(const ResultTree::Node& /*node*/, Value /*result*/) {}

    // The end of the output when every part has a result: what is to be printed, if anything.
    // Errors: malformed (it has no value).
    [[nodiscard]] virtual Result<std::optional<Value>> finish() = 0;
    // The end of the output when something is missing.
    virtual void give_up() {}
};

// `how` is "sum", "mean", "concat", the task type that reduces results, or empty: one line each.
[[nodiscard]] std::unique_ptr<Reduction> make_reduction(const std::string& how,
                                                        const Output& output);
[[nodiscard]] bool is_task_type(const std::string& how);

}  // namespace penstock::cli
