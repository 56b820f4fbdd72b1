#include "worker/handlers/image/jpeg/codec.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
// Wants <cstdio> before it.
#include <jerror.h>
#include <jpeglib.h>

#include "common/model/assert.hpp"

namespace penstock::worker::image {

// libjpeg reports an error by a jump out of its own frames, over which no object of ours may lie:
// each call into it goes through run(), whose argument has nothing to destroy.
class JpegErrors {
  public:
    JpegErrors() {
        jpeg_std_error(&manager_.base);
        manager_.base.error_exit = [](j_common_ptr codec) { raise(codec); };
        manager_.base.emit_message = [](j_common_ptr codec, int level) {
            // A file that ends early is filled up with grey otherwise.
            if (level < 0 && codec->err->msg_code == JWRN_JPEG_EOF) {
                raise(codec);
            }
        };
        manager_.base.output_message = [](j_common_ptr) {};
    }
    [[nodiscard]] jpeg_error_mgr* manager() { return &manager_.base; }

    template <typename Call>
    [[nodiscard]] Result<void> run(const Call& call) {
        if (setjmp(manager_.jump) != 0) {  // NOLINT(cert-err52-cpp)
            return error();
        }
        call();
        return {};
    }

  private:
    struct Manager {
        jpeg_error_mgr base;
        std::jmp_buf jump;
        std::array<char, JMSG_LENGTH_MAX> message;
    };
    [[noreturn]] static void raise(j_common_ptr codec) {
        auto* const manager = reinterpret_cast<Manager*>(codec->err);
        manager->base.format_message(codec, manager->message.data());
        std::longjmp(manager->jump, 1);  // NOLINT(cert-err52-cpp)
    }
    [[nodiscard]] tl::unexpected<Error> error() const {
        const std::string words(manager_.message.data());
        return manager_.base.msg_code == JERR_OUT_OF_MEMORY
                   ? fail(ErrorCode::failed, "the image cannot be rendered: " + words)
                   : fail(ErrorCode::rejected, "the image is damaged or cut short: " + words);
    }

    Manager manager_{};
};

namespace {

int scaled_block(const jpeg_component_info& component) {
#if JPEG_LIB_VERSION >= 70
    return component.DCT_h_scaled_size;
#else
    return component.DCT_scaled_size;
#endif
}

}  // namespace

struct JpegReader::Impl {
    JpegErrors errors;
    jpeg_decompress_struct codec{};
    ByteView file;
    // Of each component the rows of one step, with what libjpeg writes beyond the picture.
    std::vector<Plane> step;
    std::vector<std::vector<Sample*>> rows;
    std::vector<Sample**> planes;
    std::vector<int> left;  // rows of each component that have not been given away

    // Rows of a component that come at once.
    [[nodiscard]] static int rows_of(const jpeg_component_info& component) {
        return component.v_samp_factor * scaled_block(component);
    }
};

JpegReader::JpegReader(ByteView file) : impl_(std::make_unique<Impl>()) {
    impl_->file = file;
    impl_->codec.err = impl_->errors.manager();
}

JpegReader::~JpegReader() {
    jpeg_destroy_decompress(&impl_->codec);
}

Result<bool> JpegReader::open() {
    Impl& impl = *impl_;
    const Result<void> opened = impl.errors.run([&impl] {
        jpeg_create_decompress(&impl.codec);
        jpeg_mem_src(&impl.codec, reinterpret_cast<const unsigned char*>(impl.file.data()),
                     static_cast<unsigned long>(impl.file.size()));
        jpeg_read_header(&impl.codec, TRUE);
    });
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    const jpeg_decompress_struct& codec = impl.codec;
    return codec.data_precision == 8 &&
           ((codec.num_components == 1 && codec.jpeg_color_space == JCS_GRAYSCALE) ||
            (codec.num_components == 3 && codec.jpeg_color_space == JCS_YCbCr));
}

Result<void> JpegReader::start(int shrink) {
    Impl& impl = *impl_;
    jpeg_decompress_struct& codec = impl.codec;
    const Result<void> started = impl.errors.run([&codec, shrink] {
        codec.scale_num = 1;
        codec.scale_denom = static_cast<unsigned>(shrink);
        codec.raw_data_out = TRUE;
        codec.out_color_space = codec.jpeg_color_space;
        codec.do_fancy_upsampling = FALSE;
        codec.dct_method = JDCT_ISLOW;
        jpeg_start_decompress(&codec);
    });
    if (!started) {
        return started;
    }
    for (int i = 0; i < codec.num_components; ++i) {
        const jpeg_component_info& component = codec.comp_info[i];
        const int rows = Impl::rows_of(component);
        const double samples = scaled_block(component) / 8.0;
        grids_.push_back(
            {static_cast<int>(component.downsampled_width),
             static_cast<int>(component.downsampled_height),
             codec.image_width * samples * component.h_samp_factor / codec.max_h_samp_factor,
             codec.image_height * samples * component.v_samp_factor / codec.max_v_samp_factor});
        Plane& step = impl.step.emplace_back(
            static_cast<int>(component.width_in_blocks) * scaled_block(component), rows);
        std::vector<Sample*>& pointers = impl.rows.emplace_back();
        for (int y = 0; y < rows; ++y) {
            pointers.push_back(step.row(y));
        }
        impl.left.push_back(grids_.back().height);
    }
    for (std::vector<Sample*>& pointers : impl.rows) {
        impl.planes.push_back(pointers.data());
    }
    return {};
}

Result<bool> JpegReader::read(const TakeRow& take) {
    Impl& impl = *impl_;
    jpeg_decompress_struct& codec = impl.codec;
    if (codec.output_scanline >= codec.output_height) {
        const Result<void> ended = impl.errors.run([&codec] { jpeg_finish_decompress(&codec); });
        if (!ended) {
            return tl::unexpected(ended.error());
        }
        PENSTOCK_ASSERT(std::ranges::all_of(impl.left, [](int left) { return left == 0; }));
        return false;
    }
    const auto lines = static_cast<JDIMENSION>(codec.max_v_samp_factor) *
                       static_cast<JDIMENSION>(impl.rows[0].size()) /
                       static_cast<JDIMENSION>(codec.comp_info[0].v_samp_factor);
    const Result<void> read =
        impl.errors.run([&] { jpeg_read_raw_data(&codec, impl.planes.data(), lines); });
    if (!read) {
        return tl::unexpected(read.error());
    }
    for (std::size_t component = 0; component < impl.rows.size(); ++component) {
        int& left = impl.left[component];
        for (Sample* const row : impl.rows[component]) {
            if (left > 0) {
                --left;
                take(component, row);
            }
        }
    }
    return true;
}

bool halves_chroma(int quality) {
    return quality < 90;
}

std::vector<Grid> grids_of(Size picture, std::size_t components, int quality) {
    std::vector<Grid> grids{{picture.width, picture.height, static_cast<double>(picture.width),
                             static_cast<double>(picture.height)}};
    const int divisor = halves_chroma(quality) ? 2 : 1;
    while (grids.size() < components) {
        grids.push_back({(picture.width + divisor - 1) / divisor,
                         (picture.height + divisor - 1) / divisor,
                         static_cast<double>(picture.width) / divisor,
                         static_cast<double>(picture.height) / divisor});
    }
    return grids;
}

namespace {

class Writer {
  public:
    Writer(Size picture, std::span<const Plane> planes, int quality)
        : picture_(picture), planes_(planes), quality_(quality) {
        codec_.err = errors_.manager();
    }
    ~Writer() {
        jpeg_destroy_compress(&codec_);
        std::free(file_);  // NOLINT: libjpeg has it from malloc()
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    [[nodiscard]] Result<SharedBytes> write() {
        if (Result<void> begun = errors_.run([this] { begin(); }); !begun) {
            return tl::unexpected(begun.error());
        }
        make_room();
        const int lines = DCTSIZE * codec_.max_v_samp_factor;
        for (int y = 0; y < picture_.height; y += lines) {
            for (std::size_t i = 0; i < planes_.size(); ++i) {
                fill(i, y / lines);
            }
            const Result<void> written = errors_.run([this, lines] {
                jpeg_write_raw_data(&codec_, pointers_.data(), static_cast<JDIMENSION>(lines));
            });
            if (!written) {
                return tl::unexpected(written.error());
            }
        }
        if (Result<void> ended = errors_.run([this] { jpeg_finish_compress(&codec_); }); !ended) {
            return tl::unexpected(ended.error());
        }
        return SharedBytes::copy_of(
            std::string_view(reinterpret_cast<const char*>(file_), file_bytes_));
    }

  private:
    void begin() {
        jpeg_create_compress(&codec_);
        jpeg_mem_dest(&codec_, &file_, &file_bytes_);
        codec_.image_width = static_cast<JDIMENSION>(picture_.width);
        codec_.image_height = static_cast<JDIMENSION>(picture_.height);
        codec_.input_components = static_cast<int>(planes_.size());
        codec_.in_color_space = planes_.size() == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
        jpeg_set_defaults(&codec_);
        jpeg_set_quality(&codec_, quality_, TRUE);
        codec_.raw_data_in = TRUE;
        const int factor = planes_.size() > 1 && halves_chroma(quality_) ? 2 : 1;
        codec_.comp_info[0].h_samp_factor = factor;
        codec_.comp_info[0].v_samp_factor = factor;
        jpeg_start_compress(&codec_, TRUE);
    }
    // Rows that end with a whole block, as libjpeg wants them.
    void make_room() {
        for (std::size_t i = 0; i < planes_.size(); ++i) {
            const jpeg_component_info& component = codec_.comp_info[i];
            const int blocks =
                (static_cast<int>(component.width_in_blocks) + component.h_samp_factor - 1) /
                component.h_samp_factor * component.h_samp_factor;
            rows_.emplace_back(blocks * DCTSIZE, component.v_samp_factor * DCTSIZE);
        }
        for (Plane& rows : rows_) {
            std::vector<Sample*>& pointers = row_pointers_.emplace_back();
            for (int y = 0; y < rows.height; ++y) {
                pointers.push_back(rows.row(y));
            }
        }
        for (std::vector<Sample*>& pointers : row_pointers_) {
            pointers_.push_back(pointers.data());
        }
    }
    // The rows of a component for that step; its last ones are repeated beyond the picture.
    void fill(std::size_t component, int step) {
        const Plane& plane = planes_[component];
        Plane& rows = rows_[component];
        for (int y = 0; y < rows.height; ++y) {
            const Sample* const from =
                plane.row(std::min(step * rows.height + y, plane.height - 1));
            Sample* const into = rows.row(y);
            std::memcpy(into, from, static_cast<std::size_t>(plane.width));
            std::fill(into + plane.width, into + rows.width, from[plane.width - 1]);
        }
    }

    Size picture_;
    std::span<const Plane> planes_;
    int quality_;
    JpegErrors errors_;
    jpeg_compress_struct codec_{};
    unsigned char* file_ = nullptr;
    unsigned long file_bytes_ = 0;
    std::vector<Plane> rows_;
    std::vector<std::vector<Sample*>> row_pointers_;
    std::vector<Sample**> pointers_;
};

}  // namespace

Result<SharedBytes> write_jpeg(Size picture, std::span<const Plane> planes, int quality) {
    return Writer(picture, planes, quality).write();
}

}  // namespace penstock::worker::image
