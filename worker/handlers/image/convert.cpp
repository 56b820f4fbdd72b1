#include "worker/handlers/image/perform.hpp"

namespace penstock::worker::image {

// The payload in another format: upright, in sRGB and stripped as by every other type.
Result<Output> convert(const Input& input, Context& context) {
    Arguments arguments(input.args);
    const Encoding encoding = read_encoding(arguments);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    return perform(input.payload, {}, encoding, context);
}

}  // namespace penstock::worker::image
