// Lets results that come in any order out in the order of their input.
//
// Holds every line that an earlier one is missing for: whoever adds stops taking input while
// waiting() or waiting_bytes() is over a bound.
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
        waiting_bytes_ += line.size();
        waiting_.emplace(index, std::move(line));
        while (!waiting_.empty() && waiting_.begin()->first == next_) {
            print_(waiting_.begin()->second);
            waiting_bytes_ -= waiting_.begin()->second.size();
            waiting_.erase(waiting_.begin());
            ++next_;
        }
    }
    // What still waits for an earlier one.
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
    [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }

  private:
    std::function<void(const std::string&)> print_;
    std::map<std::size_t, std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::size_t next_ = 0;
};

}  // namespace penstock::cli
