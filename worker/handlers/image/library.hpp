// libvips, started once per process and locked down to the formats on the allow-list.
//
// Thread rule: any thread.
#pragma once

#include <string>
#include <vips/vips8>

#include "common/model/error.hpp"
#include "common/model/result.hpp"

namespace penstock::worker::image {

// Starts libvips with one thread, no cache, no warnings on stderr and only the JPEG, PNG and WebP
// loaders. The first call takes some 50 ms, every other one nothing.
[[nodiscard]] Result<void> start_library();

// What a failed libvips call had to say, as one line. Empties libvips' error buffer, which all
// threads share: of two at the same moment, one may get the other's reason or none.
[[nodiscard]] std::string reason_of(const vips::VError& error);

// A failed call as an error: want of memory or threads is failed, everything else is the input's
// fault.
[[nodiscard]] Error error_from(const vips::VError& error, const std::string& what_failed);

}  // namespace penstock::worker::image
