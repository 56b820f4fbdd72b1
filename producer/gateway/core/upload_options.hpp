// The query of /upload: how the picture is to come out.
//
// Thread rule: values.
#pragma once

#include <optional>
#include <string>

#include "common/model/bytes.hpp"
#include "producer/gateway/core/picture.hpp"
#include "producer/gateway/core/target.hpp"

namespace penstock::gateway {

struct UploadOptions {
    std::optional<int> width;
    std::optional<int> height;
    std::optional<int> quality;
    std::string fit;  // empty: the worker's default
    std::optional<Picture> format;
    bool enlarge = false;
    bool download = false;

    friend bool operator==(const UploadOptions&, const UploadOptions&) = default;
};

// 400 for an option that there is not, is given twice, or has a value that is not allowed; the
// detail names it and what is allowed.
[[nodiscard]] Answered<UploadOptions> read_upload_options(const Target& target);

// The arguments of an image.resize that makes a file of that format.
[[nodiscard]] SharedBytes resize_args(const UploadOptions& options, Picture format);

}  // namespace penstock::gateway
