#include "producer/cli/result_tree.hpp"

#include <utility>

namespace penstock::cli {

void ResultTree::add(const Node& node, Value result) {
    if (node.level >= levels_.size()) {
        levels_.resize(node.level + 1);
    }
    // What it will take in a message, about.
    const std::size_t bytes = msgpack_from_value(result).size();
    waiting_bytes_ += bytes;
    levels_.at(node.level).waiting.emplace(node.index, Held{std::move(result), bytes});
}

std::optional<ResultTree::Group> ResultTree::next() {
    // The number of levels grows on the way.
    for (std::size_t number = 0; number < levels_.size(); ++number) {
        if (std::optional<Group> group = fill_group(number)) {
            return group;
        }
        const Level& level = levels_.at(number);
        if (!result_ && level.total && level.next == *level.total) {
            if (std::optional<Group> group = end_level(number)) {
                return group;
            }
        }
    }
    return std::nullopt;
}

std::optional<ResultTree::Group> ResultTree::fill_group(std::size_t number) {
    Level& level = levels_.at(number);
    while (!level.waiting.empty() && level.waiting.begin()->first == level.next) {
        Held& held = level.waiting.begin()->second;
        const bool too_much = level.group_bytes + held.bytes > group_max_bytes_;
        if (level.group.size() == group_max_ || (level.group.size() >= 2 && too_much)) {
            return cut(number);
        }
        level.group.push_back(std::move(held.value));
        level.group_bytes += held.bytes;
        level.waiting.erase(level.waiting.begin());
        ++level.next;
    }
    return std::nullopt;
}

// What is left when the last result of the level is there, and how many the next level has.
std::optional<ResultTree::Group> ResultTree::end_level(std::size_t number) {
    if (number + 1 == levels_.size()) {
        levels_.emplace_back();
    }
    Level& level = levels_.at(number);
    Level& above = levels_.at(number + 1);
    if (above.total) {
        return std::nullopt;
    }
    if (level.group.empty() && level.groups > 0) {
        above.total = level.groups;
        return std::nullopt;
    }
    above.total = level.groups + 1;
    if (level.group.size() != 1 || (number == 0 && level.groups == 0)) {
        return cut(number);
    }
    // Alone it needs no reduction: it is the result, or goes on to the next level as it is.
    Value alone = std::move(level.group.front());
    level.group = Value::array();
    waiting_bytes_ -= std::exchange(level.group_bytes, 0);
    if (level.groups == 0) {
        result_ = std::move(alone);
        return std::nullopt;
    }
    add({number + 1, level.groups++}, std::move(alone));
    return std::nullopt;
}

ResultTree::Group ResultTree::cut(std::size_t number) {
    Level& level = levels_.at(number);
    waiting_bytes_ -= std::exchange(level.group_bytes, 0);
    return {{number + 1, level.groups++}, std::exchange(level.group, Value::array())};
}

}  // namespace penstock::cli
