#include "bench/system/photos.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

#include "common/protocol/value.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::bench {
namespace {

// An attempt that nobody cancels or watches.
class LoneContext : public worker::Context {
  public:
    [[nodiscard]] const TaskId& task() const override { return task_; }
    [[nodiscard]] std::uint32_t attempt() const override { return 1; }
    [[nodiscard]] Epoch epoch() const override { return {1}; }
    [[nodiscard]] TimePoint deadline() const override { return TimePoint::max(); }
    bool wait_for_cancel(Duration /*duration*/) override { return false; }
    void progress(double /*fraction*/, std::string_view /*note*/) override {}
    void log(std::string_view /*text*/) override {}

  private:
    TaskId task_;
};

bool is_jpeg(const std::filesystem::path& path) {
    return path.extension() == ".jpg" || path.extension() == ".jpeg";
}

Result<Photo> load(const std::filesystem::path& path) {
    std::ostringstream text;
    const std::ifstream input(path, std::ios::binary);
    if (!input || !(text << input.rdbuf())) {
        return fail(ErrorCode::unavailable, "cannot read " + path.string());
    }
    return Photo{path, SharedBytes::copy_of(text.str())};
}

}  // namespace

Result<std::vector<Photo>> load_photos(const std::filesystem::path& folder) {
    std::vector<Photo> photos;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (!is_jpeg(entry.path())) {
            continue;
        }
        Result<Photo> photo = load(entry.path());
        if (!photo) {
            return tl::unexpected(photo.error());
        }
        photos.push_back(std::move(*photo));
    }
    if (photos.empty()) {
        return fail(ErrorCode::not_found,
                    "there are no JPEG files in " + folder.string() + ": say --photos FOLDER");
    }
    std::ranges::sort(photos, {}, &Photo::path);
    return photos;
}

Result<SharedBytes> resize_directly(const SharedBytes& file) {
    static const Value arguments = value_from_json(resize_arguments).value();
    LoneContext context;
    return worker::image::resize({arguments, file.view()}, context)
        .map([](const worker::Output& output) { return output.payload; });
}

}  // namespace penstock::bench
