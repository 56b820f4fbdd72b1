#include "producer/cli/element_scanner.hpp"

#include <algorithm>

#include "producer/cli/table.hpp"

namespace penstock::cli {
namespace {

constexpr std::string_view spaces = " \t\r\n";
// Read text is dropped in pieces of this size: dropping it with every element would move the rest
// each time.
constexpr std::size_t drop_bytes = std::size_t{64} << 10U;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(spaces) == std::string_view::npos;
}

}  // namespace

Result<ElementScanner::Status> ElementScanner::next(std::string& element) {
    if (begin_ > drop_bytes) {
        buffer_.erase(0, begin_);
        at_ -= begin_;
        begin_ = 0;
    }
    switch (state_) {
        case State::start: return begin(element);
        case State::array: return next_in_array(element);
        case State::after_array: return end_of_array();
        case State::lines: return next_line(element);
        case State::ended: break;
    }
    return Status::end;
}

Result<ElementScanner::Status> ElementScanner::begin(std::string& element) {
    skip_spaces();
    if (at_ == buffer_.size()) {
        state_ = finished_ ? State::ended : State::start;
        return finished_ ? Status::end : Status::more;
    }
    if (form_ == Form::guess && buffer_[at_] == '[') {
        begin_ = ++at_;
        state_ = State::array;
        return next_in_array(element);
    }
    state_ = State::lines;
    return next_line(element);
}

Result<ElementScanner::Status> ElementScanner::next_line(std::string& element) {
    while (true) {
        const std::size_t end = buffer_.find('\n', at_);
        if (end == std::string::npos && !finished_) {
            at_ = buffer_.size();
            return wait_for_more();
        }
        const std::size_t line_end = std::min(end, buffer_.size());
        if (!is_blank(std::string_view(buffer_).substr(begin_, line_end - begin_))) {
            return take(element, line_end);
        }
        if (end == std::string::npos) {
            state_ = State::ended;
            return Status::end;
        }
        begin_ = at_ = end + 1;
    }
}

Result<ElementScanner::Status> ElementScanner::next_in_array(std::string& element) {
    for (; at_ < buffer_.size(); ++at_) {
        const char letter = buffer_[at_];
        if (!ends_before(letter)) {
            continue;
        }
        const bool last = letter == ']';
        state_ = last ? State::after_array : State::array;
        const bool blank = is_blank(std::string_view(buffer_).substr(begin_, at_ - begin_));
        if (last && first_ && blank) {
            begin_ = ++at_;
            return end_of_array();
        }
        first_ = false;
        return blank ? end_with(ErrorCode::malformed, "the array has a comma too many")
                     : take(element, at_);
    }
    return finished_ ? end_with(ErrorCode::malformed, "the array does not end: a ']' is missing")
                     : wait_for_more();
}

bool ElementScanner::ends_before(char letter) {
    if (in_string_) {
        in_string_ = escaped_ || letter != '"';
        escaped_ = !escaped_ && letter == '\\';
        return false;
    }
    if (depth_ == 0 && (letter == ',' || letter == ']')) {
        return true;
    }
    in_string_ = letter == '"';
    const bool opens = letter == '[' || letter == '{';
    const bool closes = letter == ']' || letter == '}';
    depth_ += opens ? 1 : 0;
    // A brace that closes nothing is the element's fault, which its reader finds.
    depth_ -= closes && depth_ > 0 ? 1 : 0;
    return false;
}

Result<ElementScanner::Status> ElementScanner::end_of_array() {
    skip_spaces();
    if (at_ < buffer_.size()) {
        return end_with(ErrorCode::malformed,
                        "something follows the array; if each line is an element, say --lines");
    }
    state_ = finished_ ? State::ended : State::after_array;
    return finished_ ? Status::end : Status::more;
}

Result<ElementScanner::Status> ElementScanner::take(std::string& element, std::size_t end) {
    element.assign(buffer_, begin_, end - begin_);
    begin_ = at_ = std::min(end + 1, buffer_.size());
    return Status::element;
}

Result<ElementScanner::Status> ElementScanner::wait_for_more() {
    return buffer_.size() - begin_ > element_max_bytes_
               ? end_with(ErrorCode::too_large,
                          "an element is larger than " + size_words(element_max_bytes_))
               : Result<Status>(Status::more);
}

Result<ElementScanner::Status> ElementScanner::end_with(ErrorCode code,
                                                        const std::string& message) {
    state_ = State::ended;
    buffer_.clear();
    begin_ = at_ = 0;
    return fail(code, message);
}

void ElementScanner::skip_spaces() {
    at_ = std::min(buffer_.find_first_not_of(spaces, at_), buffer_.size());
    begin_ = at_;
}

}  // namespace penstock::cli
