#include "producer/cli/backup_copy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "producer/cli/descriptor.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

// Names come from the network: words below the folder, and nothing that leads out of it.
bool is_safe(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    while (true) {
        const std::size_t end = std::min(name.find('/'), name.size());
        const std::string_view word = name.substr(0, end);
        if (word.empty() || word.front() == '.' ||
            word.find_first_not_of(letters) != std::string_view::npos) {
            return false;
        }
        if (end == name.size()) {
            return true;
        }
        name.remove_prefix(end + 1);
    }
}

tl::unexpected<Error> nonsense(const std::string& what) {
    return fail(ErrorCode::malformed, "the broker's answer makes no sense: " + what);
}

Result<void> sync(const fs::path& path, int flags) {
    const Descriptor opened(::open(path.c_str(), flags | O_CLOEXEC));
    if (opened.number() < 0 || ::fsync(opened.number()) != 0) {
        return cannot("sync", path.string(), errno);
    }
    return {};
}

// The files below the folder, then the folders, each after what is in it.
Result<void> sync_all(const fs::path& folder) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (Result<void> done =
                entry.is_directory() ? sync_all(entry.path()) : sync(entry.path(), O_RDWR);
            !done) {
            return done;
        }
    }
    return sync(folder, O_RDONLY | O_DIRECTORY);
}

Result<void> write_at(int file, std::uint64_t offset, ByteView bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const ssize_t count =
            ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return cannot("write", path.string(), errno);
        }
        offset += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

Result<BackupCopy> BackupCopy::begin(const std::string& folder) {
    std::error_code error;
    fs::path path = fs::absolute(folder, error).lexically_normal();
    if (!path.has_filename()) {
        path = path.parent_path();
    }
    if (fs::exists(path, error) && !fs::is_empty(path, error)) {
        return fail(ErrorCode::conflict,
                    folder + " is there already, and not empty: a backup needs one of its own");
    }
    fs::create_directories(path.parent_path(), error);
    std::string unfinished = path.string() + ".unfinished-XXXXXX";
    if (::mkdtemp(unfinished.data()) == nullptr) {
        return cannot("make", unfinished, errno);
    }
    return BackupCopy(std::move(path), std::move(unfinished));
}

BackupCopy::~BackupCopy() {
    if (!unfinished_.empty()) {
        std::error_code ignored;
        fs::remove_all(unfinished_, ignored);
    }
}

BackupCopy::BackupCopy(BackupCopy&& other) noexcept
    : folder_(std::move(other.folder_)),
      unfinished_(std::exchange(other.unfinished_, {})),
      next_(std::move(other.next_)),
      target_(std::move(other.target_)),
      bytes_(other.bytes_),
      files_(other.files_),
      restarts_(other.restarts_) {}

Result<void> BackupCopy::take(const protocol::BackupPart& part) {
    if (!is_safe(part.at.file) || !is_safe(part.next.file) || !is_safe(part.end.file)) {
        return nonsense("the name of a file");
    }
    if (part.at.offset + part.bytes.size() > part.file_bytes) {
        return nonsense("bytes behind the end of a file");
    }
    if (part.at != *next_) {
        if (Result<void> begun = start_over(part); !begun) {
            return begun;
        }
    }
    if (Result<void> written = write(part); !written) {
        return written;
    }
    const bool is_complete =
        part.at.file == target_.file && part.at.offset + part.bytes.size() >= target_.offset;
    if (!is_complete && part.next == part.at) {
        return nonsense("nothing follows");
    }
    next_ = is_complete ? std::nullopt : std::optional(part.next);
    return {};
}

// Everything copied so far is of files that the broker has removed since, because what it still
// needed of them stands in later ones: up to what is durable by now.
Result<void> BackupCopy::start_over(const protocol::BackupPart& part) {
    if (part.at.offset != 0) {
        return nonsense("it goes on in the middle of a file");
    }
    if (!next_->file.empty() && ++restarts_ > restarts_max) {
        return fail(ErrorCode::unavailable,
                    "the broker removes old segments faster than this side copies them; try again "
                    "when it has less to do, or from a machine that is nearer");
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(unfinished_)) {
        fs::remove_all(entry.path());
    }
    bytes_ = 0;
    files_ = 0;
    target_ = part.end;
    return {};
}

Result<void> BackupCopy::write(const protocol::BackupPart& part) {
    const fs::path path = unfinished_ / part.at.file;
    if (part.at.offset == 0) {
        constexpr mode_t owner_only = 0700;
        if (::mkdir(path.parent_path().c_str(), owner_only) != 0 && errno != EEXIST) {
            return cannot("make", path.parent_path().string(), errno);
        }
        ++files_;
    }
    constexpr mode_t owner_only = 0600;
    const int creation = part.at.offset == 0 ? O_CREAT | O_EXCL : 0;
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | creation, owner_only));
    if (file.number() < 0 ||
        (creation != 0 && ::ftruncate(file.number(), static_cast<off_t>(part.file_bytes)) != 0)) {
        return cannot("write", path.string(), errno);
    }
    ByteView bytes = part.bytes.view();
    if (part.at.file == target_.file) {
        // Behind the target stands what was accepted after the copy began, perhaps in part.
        const std::uint64_t room = target_.offset - std::min(target_.offset, part.at.offset);
        bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), room));
    }
    bytes_ += bytes.size();
    return write_at(file.number(), part.at.offset, bytes, path);
}

Result<void> BackupCopy::finish() {
    if (Result<void> safe = sync_all(unfinished_); !safe) {
        return safe;
    }
    if (::rename(unfinished_.c_str(), folder_.c_str()) != 0) {
        return cannot("rename to", folder_.string(), errno);
    }
    unfinished_.clear();
    return sync(folder_.parent_path(), O_RDONLY | O_DIRECTORY);
}

}  // namespace penstock::cli
