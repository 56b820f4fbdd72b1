// What an image may cost. All of it is checked against the header, before a pixel is decoded: a
// file of a few kilobytes can ask for gigabytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::worker::image {

// Bytes. The largest body that the protocol carries by default.
inline constexpr std::size_t input_bytes_max = 32U << 20U;

// Pixels, of input and output. Wider than any camera or scanner makes; JPEG could do 65535.
inline constexpr int side_max = 16'384;

// Pixels, of a WebP that is written: libwebp has 14 bits for each side.
inline constexpr int webp_side_max = 16'383;

// Pixels, of input and output. Cameras end at about 50 megapixels; a second of decoding.
inline constexpr std::int64_t pixels_max = 50'000'000;

// Pixels of an interlaced PNG, which is decoded whole: up to 8 bytes each, 128 MB.
inline constexpr std::int64_t interlaced_png_pixels_max = 16'000'000;

// Pixels of a progressive JPEG, whose coefficients are held whole: up to 8 bytes each, 256 MB.
inline constexpr std::int64_t progressive_jpeg_pixels_max = 32'000'000;

// Pixels of a WebP, read or written. libwebp holds either whole: about 8 bytes each, 128 MB, and as
// much again if both are WebP. Only to write an alpha channel full of noise takes more, 35 bytes.
inline constexpr std::int64_t webp_pixels_max = 16'000'000;

// Scans of a progressive JPEG, each of which goes over the whole image. Encoders write about ten.
inline constexpr int jpeg_scans_max = 100;

// Colour and alpha channels: CMYK with alpha is the richest picture there is.
inline constexpr int bands_max = 5;

// Bytes of an embedded colour profile. Printers' profiles reach two megabytes.
inline constexpr std::size_t profile_bytes_max = 4U << 20U;

}  // namespace penstock::worker::image
