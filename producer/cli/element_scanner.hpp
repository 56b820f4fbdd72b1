// Finds the elements of a JSON array, or of JSON lines, in a text that comes in pieces: only the
// element at hand is held. It finds where an element ends; whether it is JSON, its reader checks.
//
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/model/result.hpp"

namespace penstock::cli {

class ElementScanner {
  public:
    // `guess`: a text that starts with '[' is one array, any other has one element per line.
    enum class Form : std::uint8_t { guess, lines };
    enum class Status : std::uint8_t { element, more, end };

    ElementScanner(Form form, std::size_t element_max_bytes)
        : form_(form), element_max_bytes_(element_max_bytes) {}

    void feed(std::string_view text) { buffer_ += text; }
    // No more text will come.
    void finish() { finished_ = true; }

    // The text of the next element. `more`: feed() or finish() first.
    // Errors: malformed (the array is not whole, or something follows it), too_large; the scanner
    // is at its end then.
    [[nodiscard]] Result<Status> next(std::string& element);

  private:
    enum class State : std::uint8_t { start, array, after_array, lines, ended };

    [[nodiscard]] Result<Status> begin(std::string& element);
    [[nodiscard]] Result<Status> next_line(std::string& element);
    [[nodiscard]] Result<Status> next_in_array(std::string& element);
    [[nodiscard]] Result<Status> end_of_array();
    // Steps over one character of an array; true if the element at hand ends before it.
    [[nodiscard]] bool ends_before(char letter);
    [[nodiscard]] Result<Status> take(std::string& element, std::size_t end);
    [[nodiscard]] Result<Status> wait_for_more();
    [[nodiscard]] Result<Status> end_with(ErrorCode code, const std::string& message);
    void skip_spaces();

    Form form_;
    std::size_t element_max_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;  // of the element at hand
    std::size_t at_ = 0;     // up to here the buffer is understood
    State state_ = State::start;
    std::size_t depth_ = 0;  // open brackets inside the element
    bool in_string_ = false;
    bool escaped_ = false;
    bool finished_ = false;
    bool first_ = true;
};

}  // namespace penstock::cli
