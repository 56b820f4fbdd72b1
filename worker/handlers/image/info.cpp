#include "worker/handlers/image/open_input.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::image {

// What the header of the payload says; no pixel is decoded. Sides are those of the stored pixels.
Result<Output> info(const Input& input, Context& /*context*/) {
    Arguments arguments(input.args);
    return arguments.check()
        .and_then([&] { return open_input(input.payload); })
        .map([](const Source& source) {
            return Output{.value = {{"width", source.stored.width},
                                    {"height", source.stored.height},
                                    {"format", name(source.format)},
                                    {"channels", source.channels},
                                    {"bit_depth", source.bit_depth},
                                    {"alpha", source.has_alpha},
                                    {"orientation", source.orientation},
                                    {"has_profile", source.has_profile},
                                    {"bytes", source.file.size()}},
                          .payload = {}};
        });
}

}  // namespace penstock::worker::image
