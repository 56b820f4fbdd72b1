// The head of a request, as far as the gateway looks at it, and what it says about the body.
//
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "producer/gateway/core/problem.hpp"

namespace penstock::gateway {

struct Head {
    std::string method;
    std::string target;  // as it stands in the request line
    std::string content_type;
    std::string content_length;  // the last one
    std::string content_encoding;
    std::string transfer_encoding;
    int content_lengths = 0;  // how many such headers there are
    int transfer_encodings = 0;
    std::string accept;  // several are joined by ", "
    std::string prefer;
    std::string if_none_match;
    bool expects_continue = false;
    int hosts = 0;  // how many such headers there are
    // A header has a name that another program in front may read differently.
    bool is_ambiguous = false;
    std::size_t bytes = 0;   // request line and headers
    std::size_t fields = 0;  // headers and query options
};

// 400 for a head that two programs may read differently, such as one with a blank before a colon:
// who sits in front may see a body where the gateway sees the next request (RFC 9112, section 5.1).
// 431 for one that leaves too little of the connection's memory for the reply: the work would be
// done, and nobody hear of it.
[[nodiscard]] std::optional<Problem> check_head(const Head& head);

// Whether a header's name is no token of RFC 9110, section 5.6.2, or hides the length of the body:
// libmicrohttpd 0.9.75 appends what a folded line brings to the name, so that
// "Content-Length:\r\n 51" is called Content-Length51.
[[nodiscard]] bool is_ambiguous_name(std::string_view name);

// The length that the head announces: none for a request without a body or with chunks.
struct Length {
    bool has_body = false;
    std::optional<std::uint64_t> bytes;
};

// Requests whose length two programs could read differently are 400: two lengths, a length beside
// chunks, codings other than chunked. So are those whose length is no number.
[[nodiscard]] Answered<Length> announced_length(const Head& head);

// The same for a route that needs a body of at most `bytes_max`: 411 without a length, 413 above,
// 415 for a compressed one.
[[nodiscard]] Answered<Length> expected_length(const Head& head, std::uint64_t bytes_max);

// Whether a Content-Type announces JSON ("+json" too), or a form with files.
[[nodiscard]] bool is_json(std::string_view content_type);
[[nodiscard]] bool is_form(std::string_view content_type);

// The boundary of a form, by RFC 2046: 1 to 70 characters of its alphabet. Nothing if there is
// none that is well formed.
[[nodiscard]] std::optional<std::string> form_boundary(std::string_view content_type);

// The value of a parameter of a header, such as name="image", whose `\"` are read. Nothing if it is
// not there, is there twice, or a parameter before its end is not well formed.
[[nodiscard]] std::optional<std::string> header_parameter(std::string_view header,
                                                          std::string_view name);

// Equal but for the case of letters, as the names in headers are.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);
// Without the blanks around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace penstock::gateway
