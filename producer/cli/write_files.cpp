#include "producer/cli/write_files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "producer/cli/descriptor.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

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

// Replacing a device or a pipe would break more than a file.
bool is_device(const fs::path& path) {
    std::error_code ignored;
    switch (fs::symlink_status(path, ignored).type()) {
        case fs::file_type::block:
        case fs::file_type::character:
        case fs::file_type::fifo:
        case fs::file_type::socket: return true;
        case fs::file_type::none:
        case fs::file_type::not_found:
        case fs::file_type::regular:
        case fs::file_type::directory:
        case fs::file_type::symlink:
        case fs::file_type::unknown: return false;
    }
    return false;
}

bool is_link(const fs::path& path) {
    std::error_code ignored;
    return fs::is_symlink(fs::symlink_status(path, ignored));
}

// Where a link leads, be there something or not. The links of /proc stay, as they stand for what
// this process has opened.
fs::path follow(fs::path path) {
    constexpr int links_max = 40;
    for (int links = 0; links < links_max && is_link(path); ++links) {
        std::error_code error;
        const fs::path target = fs::read_symlink(path, error);
        if (error || path.string().starts_with("/proc/")) {
            break;
        }
        path = path.parent_path() / target;
    }
    return path;
}

Result<void> write_in_place(const fs::path& path, ByteView bytes) {
    constexpr mode_t everybody = 0666;
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, everybody));
    if (file.number() < 0 || !write_fully(file.number(), bytes)) {
        return cannot("write", path.string(), errno);
    }
    return {};
}

// A finished temporary file gets its name, and with Existing::keep only if nobody else has it.
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

}  // namespace

Result<void> write_file(const fs::path& path, ByteView bytes, Existing existing) {
    if (existing == Existing::overwrite && is_device(path)) {
        return write_in_place(path, bytes);
    }
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    // Short, as the name of the file itself may be as long as a name can be.
    std::string temporary = (folder / ".penstock.XXXXXX").string();
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

Result<void> write_result(const std::string& path, ByteView bytes) {
    if (path == "-") {
        if (!write_fully(STDOUT_FILENO, bytes)) {
            return cannot("write", "stdout", errno);
        }
        return {};
    }
    const fs::path end = follow(path);
    return is_link(end) ? write_in_place(end, bytes) : write_file(end, bytes, Existing::overwrite);
}

Result<void> make_folder(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) {
        return cannot("make the folder", path.string(), error.value());
    }
    return {};
}

}  // namespace penstock::cli
