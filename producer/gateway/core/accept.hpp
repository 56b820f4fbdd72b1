// What the caller wants back (RFC 9110, Accept) and how long it waits for it (RFC 7240, Prefer).
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "producer/gateway/core/limits.hpp"
#include "producer/gateway/core/picture.hpp"
#include "producer/gateway/core/problem.hpp"

namespace penstock::gateway {

// How well a media type suits an Accept header.
struct Suitability {
    int permille = 0;     // the q value; 0: not at all
    int specificity = 0;  // 2: named itself, 1: its family, 0: anything
    friend auto operator<=>(const Suitability&, const Suitability&) = default;
};
// An empty header takes everything. What cannot be read in it counts for nothing.
[[nodiscard]] Suitability suitability(std::string_view accept, std::string_view media_type);

// What an upload is answered with: the picture itself, in that format, or a few words about it.
struct Wanted {
    bool picture = false;
    Picture format = Picture::jpeg;
    friend bool operator==(const Wanted&, const Wanted&) = default;
};
// `format` is what the query asks for, if it does; `download` whether it asks for the picture
// itself, whatever Accept says. JSON wins where both suit equally well. 406 if neither suits.
[[nodiscard]] Answered<Wanted> negotiate(std::string_view accept, std::optional<Picture> format,
                                         bool download);

struct Patience {
    std::chrono::milliseconds wait{0};
    bool asynchronous = false;  // "respond-async": the id at once, and no waiting
    bool asked = false;         // the caller has said how long
    friend bool operator==(const Patience&, const Patience&) = default;
};
// A longer wait than wait_max is cut to it; what cannot be read is ignored, as RFC 7240 wants it.
[[nodiscard]] Patience patience(std::string_view prefer, const Limits& limits);

}  // namespace penstock::gateway
