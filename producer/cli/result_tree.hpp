// Reduces results with a task type, in a tree: decides which results one task gets, so that order
// is kept and no task gets too many or too much. The same results give the same tree, in whatever
// order they come.
//
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "common/protocol/value.hpp"

namespace penstock::cli {

class ResultTree {
  public:
    // Level 0 are the results that are reduced, from index 0.
    struct Node {
        std::size_t level = 0;
        std::size_t index = 0;
    };
    // The arguments whose reduction is `node`.
    struct Group {
        Node node;
        Value args;
    };

    // At least two results are together (bar the last ones), so `group_max_bytes` may be passed by
    // large ones. Requires: group_max > 1.
    ResultTree(std::size_t group_max, std::size_t group_max_bytes)
        : group_max_(group_max), group_max_bytes_(group_max_bytes), levels_(1) {}

    // Requires: each node of level 0 once, and the others as next() gave them.
    void add(const Node& node, Value result);
    // Level 0 has so many results in all.
    void set_count(std::size_t results) { levels_.front().total = results; }

    // A group that is complete; nothing until more results are there.
    [[nodiscard]] std::optional<Group> next();
    // The last reduction's result, once there is one. A single result is reduced, too, and so are
    // none: with an empty array.
    [[nodiscard]] const std::optional<Value>& result() const { return result_; }
    // Of results that wait for others.
    [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }

  private:
    struct Held {
        Value value;
        std::size_t bytes = 0;
    };
    struct Level {
        std::map<std::size_t, Held> waiting;
        std::size_t next = 0;  // the result that comes into a group next
        std::size_t groups = 0;
        Value group = Value::array();
        std::size_t group_bytes = 0;
        std::optional<std::size_t> total;
    };

    [[nodiscard]] std::optional<Group> fill_group(std::size_t number);
    [[nodiscard]] std::optional<Group> end_level(std::size_t number);
    [[nodiscard]] Group cut(std::size_t number);

    std::size_t group_max_;
    std::size_t group_max_bytes_;
    std::vector<Level> levels_;
    std::size_t waiting_bytes_ = 0;
    std::optional<Value> result_;
};

}  // namespace penstock::cli
