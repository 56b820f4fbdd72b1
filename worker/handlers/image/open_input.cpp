#include "worker/handlers/image/open_input.hpp"

#include "worker/handlers/image/fault.hpp"
#include "worker/handlers/image/library.hpp"

namespace penstock::worker::image {

Result<Source> open_input(ByteView payload) {
    if (const Result<void> started = start_library(); !started) {
        return tl::unexpected(started.error());
    }
    // A call that succeeds may leave words about what it got over, to be taken for the next reason.
    vips_error_clear();
    try {
        return open_image(payload);
    } catch (const vips::VError& error) {
        return tl::unexpected(header_fault(error));
    }
}

}  // namespace penstock::worker::image
