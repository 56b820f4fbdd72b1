#include "worker/handlers/image/fault.hpp"

#include "worker/handlers/image/library.hpp"

namespace penstock::worker::image {
namespace {

constexpr const char* damaged = "the image is damaged or cut short";

bool decodes(const Source& source) {
    try {
        // Some value that depends on every row, so that all are asked for and none is kept.
        static_cast<void>(decode(source, 1).avg());
        return true;
    } catch (const vips::VError&) {
        return false;
    }
}

}  // namespace

Error header_fault(const vips::VError& error) {
    return error_from(error, damaged);
}

Error render_fault(const vips::VError& error, const Source& source) {
    // Damage shows while pixels flow, in whatever step asks for them, so the step tells nothing.
    const Error ours = error_from(error, "the image cannot be rendered");
    if (ours.code != ErrorCode::rejected || decodes(source)) {
        return ours;
    }
    return error_from(error, damaged);
}

}  // namespace penstock::worker::image
