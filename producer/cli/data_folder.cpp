#include "producer/cli/data_folder.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "producer/cli/write_files.hpp"

namespace penstock::cli {

namespace fs = std::filesystem;

Result<DataFolder> DataFolder::open(const std::string& path) {
    if (const auto made = make_folder(path); !made) {
        return tl::unexpected(made.error());
    }
    const fs::path folder = fs::absolute(path).lexically_normal();
    const fs::path lock_file = folder / "lock";
    constexpr mode_t owner_only = 0600;
    const int lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only);
    if (lock < 0) {
        return fail(ErrorCode::internal, fmt::format("cannot write {}: {}", lock_file.string(),
                                                     std::generic_category().message(errno)));
    }
    DataFolder opened(folder, lock);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return fail(ErrorCode::conflict,
                    fmt::format("another `penstock up` runs in {}: stop it, or use another --data",
                                folder.string()));
    }
    return opened;
}

DataFolder::~DataFolder() {
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

}  // namespace penstock::cli
