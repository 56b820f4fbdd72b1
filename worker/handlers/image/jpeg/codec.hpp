// JPEG files from and to planes, through libjpeg: the one place that includes it. The components
// stay apart and keep the grid that they have in the file, so that chroma is never brought to the
// size of the picture and back.
//
// Thread rule: values on the stack of one handler.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/handlers/image/geometry.hpp"
#include "worker/handlers/image/jpeg/plane.hpp"

namespace penstock::worker::image {

// Reads a file from the top down. Errors of all functions: rejected if the file is damaged or ends
// early, failed if memory runs out.
class JpegReader {
  public:
    // The file must outlive the reader.
    explicit JpegReader(ByteView file);
    ~JpegReader();
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;

    // Reads the header. False: this is not a picture in grey or YCbCr with 8 bits a sample, which
    // are all that this reader knows.
    [[nodiscard]] Result<bool> open();
    // Begins to decode, shrunk by 1, 2, 4 or 8. Requires: open() gave true.
    [[nodiscard]] Result<void> start(int shrink);
    // Of each component, luma first. Requires: start().
    [[nodiscard]] const std::vector<Grid>& grids() const { return grids_; }

    // Gets rows, each of the width of its component's grid, in order.
    using TakeRow = std::function<void(std::size_t component, const Sample* row)>;
    // Decodes the next few rows of all components. False: that was the last. Requires: start().
    [[nodiscard]] Result<bool> read(const TakeRow& take);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::vector<Grid> grids_;
};

// How fine chroma is in a file of that quality: at half the size of luma, or as libvips has it from
// quality 90 on, at its full size.
[[nodiscard]] bool halves_chroma(int quality);

// The grids of a file of that size, with as many components, 1 or 3.
[[nodiscard]] std::vector<Grid> grids_of(Size picture, std::size_t components, int quality);

// The file of these planes, on those grids, without metadata. Errors: failed if memory runs out.
[[nodiscard]] Result<SharedBytes> write_jpeg(Size picture, std::span<const Plane> planes,
                                             int quality);

}  // namespace penstock::worker::image
