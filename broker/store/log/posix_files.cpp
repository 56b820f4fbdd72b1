#include "broker/store/log/posix_files.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "broker/store/log/posix_file.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

enum class Access : std::uint8_t { read, write };

class PosixFolder final : public Folder {
  public:
    PosixFolder(Descriptor descriptor, std::filesystem::path path, Access access)
        : descriptor_(std::move(descriptor)), path_(std::move(path)), access_(access) {}

    [[nodiscard]] Result<std::vector<std::string>> list() const override {
        std::error_code error;
        std::vector<std::string> names;
        for (std::filesystem::directory_iterator entry(path_, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code no_file;  // a link that leads nowhere, say
            if (entry->is_regular_file(no_file)) {
                names.push_back(entry->path().filename().string());
            }
        }
        if (error) {
            return fail(ErrorCode::internal,
                        "cannot list " + path_.string() + ": " + error.message());
        }
        std::ranges::sort(names);
        return names;
    }

    [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& name) override {
        return open_with(name, access_ == Access::read ? O_RDONLY : O_RDWR);
    }
    [[nodiscard]] Result<std::unique_ptr<File>> create(const std::string& name) override {
        PENSTOCK_ASSERT(access_ == Access::write);
        return open_with(name, O_RDWR | O_CREAT | O_TRUNC);
    }

    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override {
        PENSTOCK_ASSERT(access_ == Access::write);
        const int folder = descriptor_.get();
        if (::renameat(folder, from.c_str(), folder, to.c_str()) != 0) {
            return system_failure(fmt::format("cannot rename {} to {}", where(from), to));
        }
        return {};
    }

    [[nodiscard]] Result<void> remove(const std::string& name) override {
        PENSTOCK_ASSERT(access_ == Access::write);
        if (::unlinkat(descriptor_.get(), name.c_str(), 0) != 0) {
            return system_failure("cannot remove " + where(name));
        }
        return {};
    }

    [[nodiscard]] Result<void> sync_names() override {
        if (::fsync(descriptor_.get()) != 0) {
            const auto error = system_failure("cannot sync " + path_.string());
            return fail(ErrorCode::internal, error.value().message);
        }
        return {};
    }

  private:
    [[nodiscard]] std::string where(const std::string& name) const {
        return (path_ / name).string();
    }

    [[nodiscard]] Result<std::unique_ptr<File>> open_with(const std::string& name, int flags) {
        constexpr mode_t owner_only = 0600;
        // A pipe in its place must not keep anybody waiting.
        Descriptor file(
            ::openat(descriptor_.get(), name.c_str(), flags | O_CLOEXEC | O_NONBLOCK, owner_only));
        if (file.get() < 0) {
            return system_failure("cannot open " + where(name));
        }
        struct stat about {};
        if (::fstat(file.get(), &about) != 0) {
            return system_failure("cannot look at " + where(name));
        }
        if (S_ISFIFO(about.st_mode) || S_ISDIR(about.st_mode)) {
            return fail(ErrorCode::not_found, where(name) + " is no file");
        }
        return posix_file(std::move(file), where(name));
    }

    Descriptor descriptor_;
    std::filesystem::path path_;
    Access access_;
};

tl::unexpected<Error> unavailable(const std::string& what) {
    return fail(ErrorCode::unavailable, system_failure(what).value().message);
}

// The folder and those above it. Each new name is synced, or a power cut could take the whole
// journal.
Result<void> make_folders(const std::filesystem::path& path) {
    constexpr mode_t owner_only = 0700;
    std::filesystem::path above = ".";
    std::filesystem::path made;
    for (const std::filesystem::path& name : path) {
        made /= name;
        if (::mkdir(made.c_str(), owner_only) == 0) {
            const Descriptor folder(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            if (folder.get() < 0 || ::fsync(folder.get()) != 0) {
                return unavailable("cannot sync " + above.string());
            }
        } else if (errno != EEXIST && !std::filesystem::is_directory(made)) {
            return unavailable("cannot make " + made.string());
        }
        above = made;
    }
    return {};
}

// Who writes is alone; who reads is without anybody who writes.
Result<std::unique_ptr<Folder>> open_as(const std::filesystem::path& path, Access access) {
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0) {
        const auto error = system_failure("cannot open " + path.string());
        return error.value().code == ErrorCode::not_found
                   ? error
                   : fail(ErrorCode::unavailable, error.value().message);
    }
    if (::flock(folder.get(), (access == Access::read ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        return fail(ErrorCode::conflict,
                    path.string() + " is in use by another process; stop that one first");
    }
    return std::make_unique<PosixFolder>(std::move(folder), path, access);
}

}  // namespace

Result<void> sync_folder(const std::filesystem::path& path) {
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) {
        const auto error = system_failure("cannot sync " + path.string());
        return fail(ErrorCode::internal, error.value().message);
    }
    return {};
}

Result<std::unique_ptr<Folder>> open_folder(const std::filesystem::path& path) {
    if (Result<void> made = make_folders(path); !made) {
        return tl::unexpected(made.error());
    }
    return open_as(path, Access::write);
}

Result<std::unique_ptr<Folder>> open_folder_to_read(const std::filesystem::path& path) {
    return open_as(path, Access::read);
}

}  // namespace penstock::broker
