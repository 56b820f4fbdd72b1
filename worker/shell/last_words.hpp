// What a worker process writes to its stderr: passed on to ours as it comes, with the end of it
// kept, which often says why a process died ("free(): invalid pointer").
//
// Thread rule: used by the supervisor's thread.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "common/model/result.hpp"

namespace penstock::worker {

class LastWords {
  public:
    // A pipe. Errors: unavailable (no more descriptors).
    [[nodiscard]] static Result<LastWords> create();
    ~LastWords() { close(); }
    LastWords(LastWords&& other) noexcept
        : ends_(std::exchange(other.ends_, {-1, -1})), tail_(std::move(other.tail_)) {}
    LastWords& operator=(LastWords&& other) noexcept;
    LastWords(const LastWords&) = delete;
    LastWords& operator=(const LastWords&) = delete;

    // What the child gets as its stderr; close ours once it runs.
    [[nodiscard]] int child_end() const { return ends_[1]; }
    void close_child_end();
    // Readable when the child has written something, or nobody can write any more; -1 after that.
    [[nodiscard]] int descriptor() const { return ends_[0]; }
    // Passes on to `to` what is there, or much of it. False if `to` takes nothing now without
    // waiting: then the child waits, as it would without us.
    [[nodiscard]] bool pass_on(int to);
    // The child has ended: the rest is passed on, too, what finds no reader only kept. Returns the
    // end of all as UTF-8, at most protocol::last_words_bytes_max.
    [[nodiscard]] std::string take(int to);

  private:
    explicit LastWords(std::array<int, 2> ends) : ends_(ends) {}
    void close();
    void close_end(std::size_t end);
    void keep(const char* bytes, std::size_t count);

    std::array<int, 2> ends_{-1, -1};  // to read, to write
    std::string tail_;
};

}  // namespace penstock::worker
