#include "broker/store/log/posix_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <linux/magic.h>
#include <optional>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <system_error>

#include "broker/store/log/sector.hpp"

namespace penstock::broker {
namespace {

// Leads to an open file, whatever its name is by now.
std::string link_to(const Descriptor& file) {
    return fmt::format("/proc/self/fd/{}", file.get());
}

// Small writes are those for whose sync somebody waits: past the page cache that takes less time
// (docs/decisions/0012). Large ones stay in it, since much that is written at once may have to be
// read again.
class DirectWriter {
  public:
    // Nothing: not done, because the bytes are many or not whole sectors, or because the file
    // system or the disk does not offer this. False: it failed, and errno says why.
    [[nodiscard]] std::optional<bool> write(const Descriptor& file, std::uint64_t offset,
                                            ByteView bytes) {
        if (bytes.size() > bytes_max || bytes.size() % sector_bytes != 0 ||
            offset % sector_bytes != 0 || !open(file)) {
            return std::nullopt;
        }
        std::memcpy(buffer_->bytes.data(), bytes.data(), bytes.size());
        errno = EIO;  // should it write but a part
        const ssize_t count = ::pwrite(direct_->get(), buffer_->bytes.data(), bytes.size(),
                                       static_cast<off_t>(offset));
        // Disks with larger sectors refuse it.
        is_offered_ = count >= 0 || (errno != EINVAL && errno != EOPNOTSUPP);
        return is_offered_ ? std::optional(count == static_cast<ssize_t>(bytes.size()))
                           : std::nullopt;
    }

  private:
    static constexpr std::size_t bytes_max = 16384;
    static constexpr std::size_t page_bytes = 4096;  // more than any disk wants memory aligned to

    struct Buffer {
        alignas(page_bytes) std::array<std::byte, bytes_max> bytes;
    };

    [[nodiscard]] bool open(const Descriptor& file) {
        if (is_offered_ && !direct_) {
            direct_.emplace(::open(link_to(file).c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC));
            is_offered_ = direct_->get() >= 0 && keeps_both_ways_consistent(file);
            buffer_ = std::make_unique<Buffer>();
        }
        return is_offered_;
    }

    // Not every file system promises that who reads through the page cache finds what was written
    // past it.
    [[nodiscard]] static bool keeps_both_ways_consistent(const Descriptor& file) {
        struct statfs about {};
        return ::fstatfs(file.get(), &about) == 0 &&
               (about.f_type == EXT4_SUPER_MAGIC || about.f_type == XFS_SUPER_MAGIC);
    }

    bool is_offered_ = true;
    std::optional<Descriptor> direct_;  // once it was needed
    std::unique_ptr<Buffer> buffer_;
};

class PosixFile final : public File {
  public:
    PosixFile(Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    [[nodiscard]] Result<std::uint64_t> size_bytes() const override {
        struct stat about {};
        if (::fstat(descriptor_.get(), &about) != 0) {
            return system_failure("cannot look at " + where());
        }
        return static_cast<std::uint64_t>(about.st_size);
    }

    [[nodiscard]] Result<void> read(std::uint64_t offset,
                                    std::span<std::byte> into) const override {
        while (!into.empty()) {
            const ssize_t count =
                ::pread(descriptor_.get(), into.data(), into.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count < 0) {
                return system_failure("cannot read " + where());
            }
            if (count == 0) {
                return fail(ErrorCode::malformed, where() + " ends too early");
            }
            offset += static_cast<std::uint64_t>(count);
            into = into.subspan(static_cast<std::size_t>(count));
        }
        return {};
    }

    [[nodiscard]] Result<void> write(std::uint64_t offset, ByteView bytes) override {
        if (const std::optional<bool> done = direct_.write(descriptor_, offset, bytes)) {
            return *done ? Result<void>() : system_failure("cannot write " + where());
        }
        while (!bytes.empty()) {
            const ssize_t count =
                ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count < 0) {
                return system_failure("cannot write " + where());
            }
            offset += static_cast<std::uint64_t>(count);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return {};
    }

    [[nodiscard]] Result<void> allocate(std::uint64_t bytes) override {
        int number = EINTR;
        while (number == EINTR) {
            number = ::posix_fallocate(descriptor_.get(), 0, static_cast<off_t>(bytes));
        }
        errno = number;
        return number == 0 ? Result<void>() : system_failure("cannot make room for " + where());
    }

    [[nodiscard]] Result<void> sync() override {
        // Not again after EINTR or any other failure: what could not be written may be marked as
        // written by now.
        if (::fdatasync(descriptor_.get()) != 0) {
            const auto error = system_failure("cannot sync " + where());
            return fail(ErrorCode::internal, error.value().message);
        }
        return {};
    }

  private:
    // Its name may have changed since it was opened. Keeps errno.
    [[nodiscard]] std::string where() const {
        const int number = errno;
        std::error_code unknown;
        const auto path = std::filesystem::read_symlink(link_to(descriptor_), unknown);
        errno = number;
        return unknown ? path_ : path.string();
    }

    Descriptor descriptor_;
    DirectWriter direct_;
    std::string path_;
};

}  // namespace

tl::unexpected<Error> system_failure(const std::string& what) {
    const int number = errno;
    const ErrorCode code = number == ENOSPC || number == EDQUOT ? ErrorCode::disk_full
                           : number == ENOENT                   ? ErrorCode::not_found
                                                                : ErrorCode::internal;
    return fail(code, what + ": " + std::system_category().message(number));
}

std::unique_ptr<File> posix_file(Descriptor descriptor, std::string path) {
    return std::make_unique<PosixFile>(std::move(descriptor), std::move(path));
}

}  // namespace penstock::broker
