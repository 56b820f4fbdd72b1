// The road that every picture takes: opened, planned within the limits, decoded upright in sRGB,
// operated on, encoded once.
//
// Thread rule: free functions over values.
#pragma once

#include <string>
#include <vector>

#include "worker/handlers/image/encoding.hpp"
#include "worker/handlers/image/operation.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::image {

struct Step {
    std::string path;  // where a pipeline names it, "steps[2].blur"; empty if it is alone
    Operation operation;
};

// Gives the new file as payload and, as value, {"width", "height", "format", "bytes", "engine",
// "input_width", "input_height", "input_format"}; the input's sides are those of the stored pixels,
// before they are turned upright, and the engine is the library that made the new ones. All sizes
// on the way are checked against the limits (limits.hpp) before a pixel is decoded. Looks for a
// cancelled attempt then, and while pixels are made.
[[nodiscard]] Result<Output> perform(ByteView payload, const std::vector<Step>& steps,
                                     const Encoding& encoding, Context& context);

// A handler whose arguments are the options of one operation and the encoding.
[[nodiscard]] Result<Output> perform_alone(ReadOperation read, const Input& input,
                                           Context& context);

}  // namespace penstock::worker::image
