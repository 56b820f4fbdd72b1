#include "worker/handlers/image/library.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace penstock::worker::image {
namespace {

void drop_message(const gchar* /*domain*/, GLogLevelFlags /*level*/, const gchar* /*message*/,
                  gpointer /*context*/) {}

// True if libvips is ready.
bool start() {
    if (vips_init("penstock") != 0) {
        return false;
    }
    // One bad PNG would write thousands of lines.
    constexpr auto chatter = static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE |
                                                         G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG);
    g_log_set_handler("VIPS", chatter, drop_message, nullptr);
    // A worker process is one core; and the cache, without making anything faster here, would keep
    // whole decoded images alive.
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    // The formats are sniffed and the loaders called by name; this is the second lock on the door.
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (const char* loader :
         {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"}) {
        vips_operation_block_set(loader, FALSE);
    }
    return true;
}

// What another attempt, perhaps elsewhere, may get. Not every word of memory: lcms "reads from
// memory" what is merely cut short.
bool says_want_of_resources(std::string reason) {
    for (char& letter : reason) {
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
    // In the words of libvips, libpng, libjpeg, libwebp and GLib.
    constexpr std::array<std::string_view, 6> phrases{
        "out of memory",      "insufficient memory",  "failed to allocate",
        "unable to allocate", "picture memory error", "error creating thread"};
    return std::ranges::any_of(phrases, [&reason](std::string_view phrase) {
        return reason.find(phrase) != std::string::npos;
    });
}

}  // namespace

Result<void> start_library() {
    static const bool started = start();
    if (!started) {
        return fail(ErrorCode::failed, "libvips does not start on this machine");
    }
    return {};
}

std::string reason_of(const vips::VError& error) {
    vips_error_clear();
    constexpr std::size_t length_max = 160;
    std::string_view line = error.what();
    line = line.substr(0, std::min(line.find('\n'), length_max));
    std::string reason(line);
    for (char& letter : reason) {
        const bool printable = letter >= ' ' && letter <= '~';
        letter = printable ? letter : '?';
    }
    return reason.empty() ? "no reason given" : reason;
}

Error error_from(const vips::VError& error, const std::string& what_failed) {
    const std::string reason = reason_of(error);
    return Error{says_want_of_resources(reason) ? ErrorCode::failed : ErrorCode::rejected,
                 what_failed + ": " + reason};
}

}  // namespace penstock::worker::image
