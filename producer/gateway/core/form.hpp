// Reads multipart/form-data (RFC 7578, RFC 2046) as it arrives, in pieces of any size, and holds
// no more of it than one delimiter or the headers of one part.
//
// Why not the parser of the HTTP library: docs/decisions/0005-a-form-parser-of-our-own.md.
//
// Thread rule: used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/bytes.hpp"
#include "producer/gateway/core/problem.hpp"

namespace penstock::gateway {

// Who takes what is in a form. A problem ends the reading.
class FormSink {
  public:
    virtual ~FormSink() = default;
    // A part with that field name begins. File names are not even read.
    [[nodiscard]] virtual std::optional<Problem> part(std::string_view name) = 0;
    // The next bytes of the part; valid during the call.
    [[nodiscard]] virtual std::optional<Problem> content(ByteView bytes) = 0;
};

class FormReader {
  public:
    // Requires: a boundary as form_boundary() gives it. The sink must outlive the reader.
    FormReader(const std::string& boundary, FormSink& sink);

    // The next bytes of the body. A problem is the sink's, or 400 for what is no form; after it
    // the reader must not be fed again.
    [[nodiscard]] std::optional<Problem> feed(ByteView bytes);
    // The body has ended: 400 if the form has not.
    [[nodiscard]] std::optional<Problem> finish() const;

  private:
    enum class State : std::uint8_t { preamble, after_delimiter, headers, content, epilogue };
    // What one look at the buffer came to.
    enum class Step : std::uint8_t { go_on, need_more };
    using Stepped = Answered<Step>;

    [[nodiscard]] Stepped step();
    [[nodiscard]] Stepped skip_preamble();
    [[nodiscard]] Stepped read_delimiter_end();
    [[nodiscard]] Stepped read_headers();
    [[nodiscard]] Stepped pass_content();
    void drop(std::size_t count) { buffer_.erase(0, count); }

    std::string delimiter_;  // with the line break before it
    FormSink& sink_;
    State state_ = State::preamble;
    // Seen and not yet understood. Begins with a line break, for the first delimiter needs none.
    std::string buffer_ = "\r\n";
    std::size_t parts_ = 0;
};

}  // namespace penstock::gateway
