#include "worker/handlers/image/fault.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/worker/handlers/image/samples.hpp"

namespace penstock::worker::image {
namespace {

const vips::VError too_large("webpsave: image too large\n");

// What is said about a file that did not become a new picture.
Error fault_of(const std::string& file, const vips::VError& error) {
    return render_fault(error, open_image(as_byte_view(file)).value());
}

TEST_CASE("an image that decodes is not called damaged, whatever went wrong behind the decoder") {
    for (const Format format : {Format::jpeg, Format::png, Format::webp}) {
        CHECK(
            fault_of(file_of(noise(60, 40), format), too_large) ==
            Error{ErrorCode::rejected, "the image cannot be rendered: webpsave: image too large"});
    }
}

TEST_CASE("an image that does not decode is called damaged, whichever step noticed") {
    const std::string jpeg = file_of(noise(200, 200), Format::jpeg);
    CHECK(
        fault_of(jpeg.substr(0, jpeg.size() / 2), too_large) ==
        Error{ErrorCode::rejected, "the image is damaged or cut short: webpsave: image too large"});
    CHECK(std::string(vips_error_buffer()).empty());
}

TEST_CASE("want of memory is not the image's fault") {
    const std::string jpeg = file_of(noise(200, 200), Format::jpeg);
    CHECK(fault_of(jpeg.substr(0, jpeg.size() / 2), vips::VError("vips: out of memory")) ==
          Error{ErrorCode::failed, "the image cannot be rendered: vips: out of memory"});
}

TEST_CASE("a header that cannot be read is called damaged") {
    CHECK(header_fault(vips::VError("webp: unable to parse image")) ==
          Error{ErrorCode::rejected,
                "the image is damaged or cut short: webp: unable to parse image"});
}

}  // namespace
}  // namespace penstock::worker::image
