#include "producer/cli/files.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "producer/cli/descriptor.hpp"
#include "producer/cli/table.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

// What has no size to ask for is read in pieces of this.
constexpr std::size_t piece_bytes = std::size_t{64} << 10U;

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

// How much may be read, and what to say of more.
struct ReadLimit {
    std::size_t bytes_max;
    std::string words;
};

tl::unexpected<Error> too_large(const std::string& path, const std::string& size,
                                const ReadLimit& limit) {
    return fail(ErrorCode::too_large, fmt::format("{} has {}, {}", path, size, limit.words));
}

// To the end, in pieces: the first takes what there should be.
Result<SharedBytes> read_stream(int descriptor, const std::string& name, std::size_t expected_bytes,
                                const ReadLimit& limit) {
    auto bytes = std::make_shared<std::vector<std::byte>>();
    std::size_t piece = std::max(piece_bytes, expected_bytes + 1);
    while (true) {
        const std::size_t before = bytes->size();
        bytes->resize(before + piece);
        const ssize_t count = read_fully(descriptor, bytes->data() + before, piece);
        if (count < 0) {
            return cannot("read", name, errno);
        }
        bytes->resize(before + static_cast<std::size_t>(count));
        if (bytes->size() > limit.bytes_max) {
            return too_large(name, "more than " + size_words(limit.bytes_max), limit);
        }
        if (static_cast<std::size_t>(count) < piece) {
            const ByteView view(*bytes);
            return SharedBytes(std::move(bytes), view);
        }
        piece = piece_bytes;
    }
}

// A file that has exactly `size` bytes; nothing if it has not.
std::optional<Result<SharedBytes>> read_exactly(int descriptor, const std::string& name,
                                                std::size_t size, const MakePayloadBuffer& make) {
    client::PayloadBuffer buffer = make(size);
    const ssize_t count = read_fully(descriptor, buffer.bytes().data(), size);
    if (count < 0) {
        return cannot("read", name, errno);
    }
    std::byte more{};
    if (static_cast<std::size_t>(count) < size || read_fully(descriptor, &more, 1) != 0) {
        return std::nullopt;
    }
    return std::move(buffer).seal();
}

Result<SharedBytes> read_all(const std::string& path, const ReadLimit& limit,
                             const MakePayloadBuffer& make) {
    if (path == "-") {
        return read_stream(STDIN_FILENO, "stdin", 0, limit);
    }
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts {};
    if (file.number() < 0 || ::fstat(file.number(), &facts) != 0) {
        return cannot("read", path, errno);
    }
    // The size is a hint: the files of /proc have none, and others may grow.
    const auto size = S_ISREG(facts.st_mode) ? static_cast<std::size_t>(facts.st_size) : 0;
    if (size > limit.bytes_max) {
        return too_large(path, size_words(size), limit);
    }
    if (make && size > 0) {
        if (auto whole = read_exactly(file.number(), path, size, make)) {
            return std::move(*whole);
        }
        if (::lseek(file.number(), 0, SEEK_SET) != 0) {
            return cannot("read", path, errno);
        }
    }
    return read_stream(file.number(), path, size, limit);
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

Result<SharedBytes> read_payload(const std::string& path, std::size_t bytes_max,
                                 const MakePayloadBuffer& make) {
    return read_all(path,
                    {bytes_max, fmt::format("the broker takes at most {} per body: send "
                                            "less, or keep the data in a store and send "
                                            "its address",
                                            size_words(bytes_max))},
                    make);
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
    const ReadLimit limit{bytes_max,
                          fmt::format("and at most {} of text are read: divide it into several",
                                      size_words(bytes_max))};
    return read_all(path, limit, {}).map([](const SharedBytes& bytes) {
        return std::string(as_text(bytes.view()));
    });
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
            // Opening a pipe would wait for its other end.
            if (!fs::is_regular_file(status)) {
                return fail(ErrorCode::malformed, input + " is neither a file nor a folder");
            }
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
