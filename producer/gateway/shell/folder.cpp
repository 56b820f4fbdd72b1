#include "producer/gateway/shell/folder.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace penstock::gateway {
namespace {

namespace fs = std::filesystem;
using http::File;

constexpr mode_t owner_only = 0600;
// Results are for whoever may read the folder, as any file that a program writes.
constexpr mode_t as_the_mask_says = 0666;
constexpr const char* spill_name = "spill";
constexpr const char* processed_name = "processed";

tl::unexpected<Error> cannot(const char* what, const fs::path& path) {
    const int problem = errno;
    return fail(problem == EEXIST ? ErrorCode::conflict : ErrorCode::internal,
                fmt::format("cannot {} {}: {}", what, path.string(),
                            std::generic_category().message(problem)));
}

// Where a file system has no nameless files, one whose name goes at once.
Result<File> named_for_a_moment(const fs::path& folder) {
    std::string name = (folder / "body-XXXXXX").string();
    File file(::mkostemp(name.data(), O_CLOEXEC));
    if (!file.is_open()) {
        return cannot("write in", folder);
    }
    static_cast<void>(::unlink(name.c_str()));
    return file;
}

Result<void> synced(const File& file, const fs::path& path) {
    if (::fsync(file.descriptor()) != 0) {
        return cannot("sync", path);
    }
    return {};
}

// A name is on the disk when its folder is.
Result<void> sync_folder(const fs::path& folder) {
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open()) {
        return cannot("open", folder);
    }
    return synced(directory, folder);
}

Result<void> moved(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    // Some file systems cannot refuse to replace, but every one refuses to link over a name.
    if (errno == EINVAL && ::link(from.c_str(), to.c_str()) == 0) {
        static_cast<void>(::unlink(from.c_str()));
        return {};
    }
    return cannot("write", to);
}

}  // namespace

Result<void> write_all(const File& file, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.descriptor(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail(ErrorCode::internal, std::generic_category().message(errno));
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<Folder> Folder::open(const std::string& path) {
    std::error_code problem;
    const fs::path folder = fs::absolute(path).lexically_normal();
    for (const char* name : {processed_name, spill_name}) {
        fs::create_directories(folder / name, problem);
        if (problem) {
            return fail(
                ErrorCode::internal,
                fmt::format("cannot make {}: {}", (folder / name).string(), problem.message()));
        }
    }
    fs::permissions(folder / spill_name, fs::perms::owner_all, problem);
    const fs::path lock_path = folder / "gateway.lock";
    File lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only));
    if (!lock.is_open()) {
        return cannot("write", lock_path);
    }
    if (::flock(lock.descriptor(), LOCK_EX | LOCK_NB) != 0) {
        return fail(ErrorCode::conflict,
                    fmt::format("another gateway has its files in {}: stop it, or use another "
                                "--data",
                                folder.string()));
    }
    for (const auto& left : fs::directory_iterator(folder / spill_name, problem)) {
        fs::remove(left.path(), problem);
    }
    return Folder(folder, std::move(lock));
}

Result<File> Folder::nameless() const {
    const fs::path folder = path_ / spill_name;
    File file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, owner_only));
    if (file.is_open()) {
        return file;
    }
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
        return cannot("write in", folder);
    }
    return named_for_a_moment(folder);
}

Result<File> Folder::nameless(ByteView bytes) const {
    Result<File> file = nameless();
    if (file) {
        if (const auto written = write_all(*file, bytes); !written) {
            return tl::unexpected(written.error());
        }
    }
    return file;
}

Result<std::string> Folder::publish(const std::string& name, ByteView bytes) const {
    const fs::path temporary = path_ / spill_name / name;
    const fs::path final_path = path_ / processed_name / name;
    Result<void> done;
    {
        const File file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, as_the_mask_says));
        if (!file.is_open()) {
            return cannot("write", temporary);
        }
        done =
            write_all(file, bytes).and_then([&] { return synced(file, temporary); }).and_then([&] {
                return moved(temporary, final_path);
            });
    }
    if (!done) {
        static_cast<void>(::unlink(temporary.c_str()));
        return tl::unexpected(done.error());
    }
    if (const Result<void> kept = sync_folder(path_ / processed_name); !kept) {
        static_cast<void>(::unlink(final_path.c_str()));  // nobody will be told its name
        return tl::unexpected(kept.error());
    }
    return fmt::format("{}/{}", processed_name, name);
}

}  // namespace penstock::gateway
