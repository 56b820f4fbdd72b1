// Lets results that come in any order out in the order of their input.
//
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace penstock::cli {

class OrderedLines {
  public:
    explicit OrderedLines(std::function<void(const std::string&)> print)
        : print_(std::move(print)) {}

    // Requires: each index from 0 once.
    void add(std::size_t index, std::string line) {
        waiting_.emplace(index, std::move(line));
        while (!waiting_.empty() && waiting_.begin()->first == next_) {
            print_(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
            ++next_;
        }
    }
    // What still waits for an earlier one.
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  private:
    std::function<void(const std::string&)> print_;
    std::map<std::size_t, std::string> waiting_;
    std::size_t next_ = 0;
};

}  // namespace penstock::cli
