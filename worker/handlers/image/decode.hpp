// From a file's bytes to pixels that are read row by row.
//
// Thread rule: a value on the stack of one handler.
#pragma once

#include <vips/vips8>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/handlers/image/format.hpp"
#include "worker/handlers/image/geometry.hpp"

namespace penstock::worker::image {

// A file whose header is read and found within the limits (limits.hpp). Nothing is decoded yet.
struct Source {
    ByteView file;
    Format format = Format::jpeg;
    Size stored;          // as in the file
    int orientation = 1;  // EXIF: 1 is upright, 5 and above lie on their side
    int channels = 0;     // alpha is one of them
    int bit_depth = 8;    // of each channel once it is decoded, 8 or 16
    bool has_alpha = false;
    bool has_profile = false;

    [[nodiscard]] Size upright() const { return orientation >= 5 ? stored.turned() : stored; }
};

// Reads the header. What is no image, or over a limit, is ErrorCode::rejected. `file` must outlive
// the source. Throws vips::VError if the header is damaged.
[[nodiscard]] Result<Source> open_image(ByteView file);

// The picture, shrunk by the decoder, still lying as it is stored. Rows are decoded while they are
// asked for, from the top down: damage, or a file that ends early, shows only then, as a
// vips::VError. The file must outlive the image.
[[nodiscard]] vips::VImage decode(const Source& source, int shrink);

}  // namespace penstock::worker::image
