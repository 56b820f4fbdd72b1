#include "producer/cli/files.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "producer/cli/table.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

// Stdin has no size to ask for: it is read in pieces of this.
constexpr std::size_t piece_bytes = std::size_t{64} << 10U;

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ > STDERR_FILENO) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

  private:
    int number_;
};

std::string reason(int error) {
    return std::generic_category().message(error);
}

tl::unexpected<Error> cannot(const char* what, const std::string& path, int error) {
    return fail(ErrorCode::internal, fmt::format("cannot {} {}: {}", what, path, reason(error)));
}

tl::unexpected<Error> too_large(const std::string& path, const std::string& size,
                                std::size_t bytes_max) {
    return fail(ErrorCode::too_large,
                fmt::format("{} has {}, the broker takes at most {} per body: send less, or keep "
                            "the data in a store and send its address",
                            path, size, size_words(bytes_max)));
}

// Reads until `size` bytes are there or the input ends; the count, or -1 with errno set.
ssize_t read_fully(int descriptor, std::byte* target, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count = ::read(descriptor, target + done, size - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return -1;
        }
        if (count == 0) {
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(done);
}

Result<SharedBytes> read_stream(int descriptor, const std::string& name, std::size_t bytes_max) {
    auto bytes = std::make_shared<std::vector<std::byte>>();
    while (true) {
        const std::size_t before = bytes->size();
        bytes->resize(before + piece_bytes);
        const ssize_t count = read_fully(descriptor, bytes->data() + before, piece_bytes);
        if (count < 0) {
            return cannot("read", name, errno);
        }
        bytes->resize(before + static_cast<std::size_t>(count));
        if (bytes->size() > bytes_max) {
            return too_large(name, "more than " + size_words(bytes_max), bytes_max);
        }
        if (static_cast<std::size_t>(count) < piece_bytes) {
            const ByteView view(*bytes);
            return SharedBytes(std::move(bytes), view);
        }
    }
}

Result<SharedBytes> read_regular(int descriptor, const std::string& path, std::size_t size) {
    std::shared_ptr<std::byte[]> bytes = std::make_shared_for_overwrite<std::byte[]>(size);
    const ssize_t count = read_fully(descriptor, bytes.get(), size);
    if (count < 0) {
        return cannot("read", path, errno);
    }
    const ByteView view(bytes.get(), static_cast<std::size_t>(count));
    return SharedBytes(std::move(bytes), view);
}

bool write_fully(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return false;
        }
        if (count > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
    }
    return true;
}

// A finished temporary file gets its name; link() is what refuses to replace.
int give_name(const std::string& temporary, const std::string& path, Existing existing) {
    if (existing == Existing::overwrite) {
        return ::rename(temporary.c_str(), path.c_str());
    }
    const int renamed =
        ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE);
    if (renamed == 0 || errno != EINVAL) {
        return renamed;
    }
    // A file system that cannot do that can still refuse a second link.
    const int linked = ::link(temporary.c_str(), path.c_str());
    if (linked == 0) {
        ::unlink(temporary.c_str());
    }
    return linked;
}

bool has_extension(const fs::path& path, const std::vector<std::string>& extensions) {
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extensions.empty() || std::ranges::find(extensions, extension) != extensions.end();
}

Result<std::vector<fs::path>> files_in(const fs::path& folder,
                                       const std::vector<std::string>& extensions) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const fs::path& path = entry->path();
        std::error_code ignored;
        const bool hidden = path.filename().string().starts_with('.');
        if (!hidden && entry->is_regular_file(ignored) && has_extension(path, extensions)) {
            files.push_back(path);
        }
    }
    if (error) {
        return cannot("read", folder.string(), error.value());
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace

Result<SharedBytes> read_payload(const std::string& path, std::size_t bytes_max) {
    if (path == "-") {
        return read_stream(STDIN_FILENO, "stdin", bytes_max);
    }
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts {};
    if (file.number() < 0 || ::fstat(file.number(), &facts) != 0) {
        return cannot("read", path, errno);
    }
    if (!S_ISREG(facts.st_mode)) {
        return read_stream(file.number(), path, bytes_max);
    }
    const auto size = static_cast<std::size_t>(facts.st_size);
    if (size > bytes_max) {
        return too_large(path, size_words(size), bytes_max);
    }
    return read_regular(file.number(), path, size);
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
    return read_payload(path, bytes_max).map([](const SharedBytes& bytes) {
        return std::string(as_text(bytes.view()));
    });
}

Result<void> write_file(const fs::path& path, ByteView bytes, Existing existing) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    std::string temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (file.number() < 0) {
        return cannot("write", path.string(), errno);
    }
    // mkostemp keeps others out; the result gets the usual rights.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    constexpr mode_t everybody = 0666;
    const bool written =
        write_fully(file.number(), bytes) && ::fchmod(file.number(), everybody & ~mask) == 0;
    if (written && give_name(temporary, path.string(), existing) == 0) {
        return {};
    }
    const int error = errno;
    ::unlink(temporary.c_str());
    if (error == EEXIST) {
        return fail(ErrorCode::conflict, path.string() + " is there already");
    }
    return cannot("write", path.string(), error);
}

Result<void> make_folder(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) {
        return cannot("make the folder", path.string(), error.value());
    }
    return {};
}

Result<std::vector<fs::path>> expand_inputs(const std::vector<std::string>& inputs,
                                            const std::vector<std::string>& extensions) {
    std::vector<fs::path> paths;
    for (const std::string& input : inputs) {
        std::error_code error;
        const fs::file_status status = fs::status(input, error);
        if (!fs::exists(status)) {
            return cannot("read", input, error ? error.value() : ENOENT);
        }
        if (!fs::is_directory(status)) {
            paths.emplace_back(input);
            continue;
        }
        Result<std::vector<fs::path>> files = files_in(input, extensions);
        if (!files) {
            return tl::unexpected(files.error());
        }
        std::ranges::move(*files, std::back_inserter(paths));
    }
    return paths;
}

}  // namespace penstock::cli
