#include "producer/gateway/core/form.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "producer/gateway/core/head.hpp"
#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {
namespace {

constexpr std::string_view line_break = "\r\n";

tl::unexpected<Problem> malformed(std::string why) {
    return refuse(400, "malformed_multipart", "not a well-formed form: " + std::move(why));
}

bool is_plain(std::string_view coding) {
    return std::ranges::any_of(std::initializer_list<std::string_view>{"binary", "8bit", "7bit"},
                               [coding](auto plain) { return same_word(coding, plain); });
}

// The field name out of the headers of a part, each of which ends with a line break.
Answered<std::string> field_name(std::string_view headers) {
    std::optional<std::string> name;
    while (!headers.empty()) {
        const std::string_view line = headers.substr(0, headers.find(line_break));
        headers.remove_prefix(std::min(headers.size(), line.size() + line_break.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            return malformed("a part has a header line without a name");
        }
        const std::string_view value = trimmed(line.substr(colon + 1));
        const std::string_view header = line.substr(0, colon);
        if (same_word(header, "Content-Disposition")) {
            const bool is_field = same_word(trimmed(value.substr(0, value.find(';'))), "form-data");
            if (name || !is_field) {
                return malformed("a part has no Content-Disposition: form-data, or two");
            }
            name = header_parameter(value, "name");
        } else if (same_word(header, "Content-Transfer-Encoding") && !is_plain(value)) {
            return malformed("a part is encoded; send its bytes as they are");
        }
    }
    if (!name) {
        return malformed("a part has no field name");
    }
    return *std::move(name);
}

}  // namespace

FormReader::FormReader(const std::string& boundary, FormSink& sink)
    : delimiter_("\r\n--" + boundary), sink_(sink) {}

std::optional<Problem> FormReader::feed(ByteView bytes) {
    buffer_ += as_text(bytes);
    while (true) {
        const Stepped stepped = step();
        if (!stepped) {
            return stepped.error();
        }
        if (*stepped == Step::need_more) {
            return std::nullopt;
        }
    }
}

std::optional<Problem> FormReader::finish() const {
    if (state_ == State::epilogue) {
        return std::nullopt;
    }
    return malformed("it ends before its last delimiter").value();
}

FormReader::Stepped FormReader::step() {
    switch (state_) {
        case State::preamble: return skip_preamble();
        case State::after_delimiter: return read_delimiter_end();
        case State::headers: return read_headers();
        case State::content: return pass_content();
        case State::epilogue: buffer_.clear(); return Step::need_more;
    }
    return Step::need_more;
}

FormReader::Stepped FormReader::skip_preamble() {
    const std::size_t at = buffer_.find(delimiter_);
    if (at == std::string::npos) {
        // All but what may be the beginning of the delimiter.
        drop(buffer_.size() - std::min(buffer_.size(), delimiter_.size() - 1));
        return Step::need_more;
    }
    drop(at + delimiter_.size());
    state_ = State::after_delimiter;
    return Step::go_on;
}

FormReader::Stepped FormReader::read_delimiter_end() {
    if (buffer_.size() < 2) {
        return Step::need_more;
    }
    if (buffer_.starts_with("--")) {
        state_ = State::epilogue;
        return Step::go_on;
    }
    const std::size_t end = buffer_.find_first_not_of(" \t");
    if (end == std::string::npos || end + 1 == buffer_.size()) {
        return buffer_.size() > form_buffer_bytes
                   ? Stepped(malformed("a delimiter is followed by too many blanks"))
                   : Stepped(Step::need_more);
    }
    if (buffer_.compare(end, line_break.size(), line_break) != 0) {
        return malformed("a delimiter does not end its line");
    }
    // The line break stays: the headers may be none, and then it is followed by another.
    drop(end);
    state_ = State::headers;
    return Step::go_on;
}

FormReader::Stepped FormReader::read_headers() {
    constexpr std::string_view end_of_headers = "\r\n\r\n";
    const std::size_t end = buffer_.find(end_of_headers);
    if (std::min(end, buffer_.size()) > form_buffer_bytes) {
        return malformed(
            fmt::format("a part has more than {} bytes of headers", form_buffer_bytes));
    }
    if (end == std::string::npos) {
        return Step::need_more;
    }
    if (++parts_ > form_parts_max) {
        return malformed(fmt::format("it has more than {} parts", form_parts_max));
    }
    std::string_view headers(buffer_);
    headers = headers.substr(0, end + line_break.size()).substr(line_break.size());
    const Answered<std::string> name = field_name(headers);
    if (!name) {
        return tl::unexpected(name.error());
    }
    if (std::optional<Problem> problem = sink_.part(*name)) {
        return tl::unexpected(*std::move(problem));
    }
    drop(end + end_of_headers.size());
    state_ = State::content;
    return Step::go_on;
}

FormReader::Stepped FormReader::pass_content() {
    const std::size_t at = buffer_.find(delimiter_);
    const bool ends = at != std::string::npos;
    const std::size_t ready =
        ends ? at : buffer_.size() - std::min(buffer_.size(), delimiter_.size() - 1);
    if (ready > 0) {
        const ByteView bytes = as_byte_view(std::string_view(buffer_).substr(0, ready));
        if (std::optional<Problem> problem = sink_.content(bytes)) {
            return tl::unexpected(*std::move(problem));
        }
    }
    drop(ready);
    if (!ends) {
        return Step::need_more;
    }
    drop(delimiter_.size());
    state_ = State::after_delimiter;
    return Step::go_on;
}

}  // namespace penstock::gateway
