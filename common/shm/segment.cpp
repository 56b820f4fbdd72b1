#include "common/shm/segment.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <vector>

#include "common/model/assert.hpp"

namespace penstock::shm {
namespace {

constexpr std::string_view folder = "/dev/shm/";
constexpr std::string_view prefix = "penstock-";
constexpr std::size_t name_digits = 16;
constexpr std::string_view hex_digits = "0123456789abcdef";
// In the first bytes of the file; the last digit is the layout's version.
constexpr std::array<char, 8> magic = {'P', 'S', 'T', 'K', 'S', 'H', 'M', '1'};
// The key lies behind the magic, and the table behind both.
constexpr std::size_t key_offset = 8;
constexpr std::size_t table_offset = 64;
constexpr off_t owner_byte = 0;
constexpr off_t name_byte = 1;
constexpr mode_t only_owner = 0600;

// Blocks that magic and table take, of a file of that many blocks.
std::size_t table_blocks(std::size_t all_blocks) {
    return (table_offset + all_blocks * sizeof(std::uint64_t) + block_bytes - 1) / block_bytes;
}

std::size_t file_bytes_for(std::uint32_t blocks) {
    std::size_t all = blocks + 1;
    while (all - table_blocks(all) < blocks) {
        ++all;
    }
    return all * block_bytes;
}

bool is_segment_name(std::string_view name) {
    return name.size() == prefix.size() + name_digits && name.starts_with(prefix) &&
           name.substr(prefix.size()).find_first_not_of(hex_digits) == std::string_view::npos;
}

std::string path_of(std::string_view name) {
    return std::string(folder).append(name);
}

bool set_lock(int descriptor, short type, off_t byte) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return ::fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

bool is_locked_by_others(int descriptor, off_t byte) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// Gives up the name, and removes it if nobody else needs it. Of several who leave at once, the last
// to let go finds nobody.
bool leave_name(int descriptor, const std::string& name) {
    static_cast<void>(set_lock(descriptor, F_UNLCK, name_byte));
    if (!set_lock(descriptor, F_WRLCK, name_byte)) {
        return false;
    }
    return ::unlink(path_of(name).c_str()) == 0;
}

// On what open() and others have left in errno.
Error problem(const std::string& what) {
    return {errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
            what + ": " + std::strerror(errno)};  // NOLINT(concurrency-mt-unsafe)
}

Result<Mapping> map(int descriptor, std::size_t bytes, int protection) {
    void* const address = ::mmap(nullptr, bytes, protection, MAP_SHARED, descriptor, 0);
    if (address == MAP_FAILED) {
        Error error = problem("mapping shared memory");
        ::close(descriptor);
        return tl::unexpected(std::move(error));
    }
    return Mapping(descriptor, static_cast<std::byte*>(address), bytes);
}

// False with errno set: there is no room.
bool allocate_bytes(int descriptor, std::size_t offset, std::size_t bytes) {
    do {
        // A signal ends it, with nothing done.
        errno =
            ::posix_fallocate(descriptor, static_cast<off_t>(offset), static_cast<off_t>(bytes));
    } while (errno == EINTR);
    return errno == 0;
}

void advise(std::span<std::byte> bytes, int advice) {
#ifdef MADV_POPULATE_READ
    // Kernels before 5.14 do not know it; then the pages come one by one.
    static_cast<void>(::madvise(bytes.data(), bytes.size(), advice));
#else
    static_cast<void>(bytes);
    static_cast<void>(advice);
#endif
}

// What is read after this is read later than what was read before.
void finish_reads() {
#ifdef __SANITIZE_THREAD__
    // It knows no fences, and none of this memory: another process writes it.
    std::atomic_signal_fence(std::memory_order_acquire);
#else
    std::atomic_thread_fence(std::memory_order_acquire);
#endif
}

}  // namespace

std::string new_segment_name() {
    std::array<unsigned char, name_digits / 2> random{};
    PENSTOCK_ASSERT(::getrandom(random.data(), random.size(), 0) ==
                    static_cast<ssize_t>(random.size()));
    std::string name(prefix);
    for (const unsigned char byte : random) {
        name.push_back(hex_digits[byte >> 4U]);
        name.push_back(hex_digits[byte & 15U]);
    }
    return name;
}

std::uint64_t new_segment_key() {
    std::uint64_t key = 0;
    PENSTOCK_ASSERT(::getrandom(&key, sizeof key, 0) == static_cast<ssize_t>(sizeof key));
    return key;
}

std::string memory_domain() {
    struct stat status {};
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string boot;
    if (::stat(folder.data(), &status) != 0 || ::access(folder.data(), W_OK | X_OK) != 0 ||
        !std::getline(file, boot)) {
        return {};
    }
    return boot + "." + std::to_string(status.st_dev) + "." + std::to_string(::geteuid());
}

std::uint64_t free_bytes() {
    struct statvfs status {};
    if (::statvfs(folder.data(), &status) != 0) {
        return 0;
    }
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

std::size_t sweep() {
    std::vector<std::string> names;
    DIR* const listing = ::opendir(folder.data());
    if (listing == nullptr) {
        return 0;
    }
    while (const dirent* const entry = ::readdir(listing)) {  // NOLINT(concurrency-mt-unsafe)
        if (is_segment_name(entry->d_name)) {
            names.emplace_back(entry->d_name);
        }
    }
    ::closedir(listing);
    std::size_t swept = 0;
    for (const std::string& name : names) {
        const int descriptor = ::open(path_of(name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (descriptor < 0) {
            continue;
        }
        struct stat status {};
        const bool is_ours = ::fstat(descriptor, &status) == 0 && status.st_uid == ::geteuid();
        // The owner takes its lock before the file has a name.
        if (is_ours && !is_locked_by_others(descriptor, owner_byte) &&
            leave_name(descriptor, name)) {
            ++swept;
        }
        ::close(descriptor);
    }
    return swept;
}

Mapping::~Mapping() {
    if (address_ != nullptr) {
        ::munmap(address_, bytes_);
        ::close(descriptor_);
    }
}

std::uint32_t Mapping::blocks() const {
    const std::size_t all = bytes_ / block_bytes;
    return static_cast<std::uint32_t>(all - table_blocks(all));
}

std::byte* Mapping::block(std::uint32_t index) const {
    return address_ + (table_blocks(bytes_ / block_bytes) + index) * block_bytes;
}

std::atomic_ref<std::uint64_t> Mapping::generation(std::uint32_t index) const {
    auto* const table = reinterpret_cast<std::uint64_t*>(address_ + table_offset);
    return std::atomic_ref<std::uint64_t>(table[index]);
}

Result<OwnSegment> OwnSegment::create(const std::string& name, std::uint64_t key,
                                      std::uint32_t blocks) {
    // Without a name until it is whole and locked: who is killed in between leaves nothing.
    const int descriptor = ::open(folder.data(), O_TMPFILE | O_RDWR | O_CLOEXEC, only_owner);
    if (descriptor < 0) {
        return tl::unexpected(problem(std::string(folder)));
    }
    const std::size_t bytes = file_bytes_for(blocks);
    const std::size_t table = bytes - blocks * block_bytes;
    if (!set_lock(descriptor, F_WRLCK, owner_byte) || !set_lock(descriptor, F_RDLCK, name_byte) ||
        ::ftruncate(descriptor, static_cast<off_t>(bytes)) != 0 ||
        !allocate_bytes(descriptor, 0, table)) {
        Error error = problem(path_of(name));
        ::close(descriptor);
        return tl::unexpected(std::move(error));
    }
    Result<Mapping> mapping = map(descriptor, bytes, PROT_READ | PROT_WRITE);
    if (!mapping) {
        return tl::unexpected(std::move(mapping.error()));
    }
    std::memcpy(mapping->bytes().data(), magic.data(), magic.size());
    std::memcpy(mapping->bytes().data() + key_offset, &key, sizeof key);
    const std::string self = "/proc/self/fd/" + std::to_string(descriptor);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path_of(name).c_str(), AT_SYMLINK_FOLLOW) != 0) {
        return tl::unexpected(problem(path_of(name)));
    }
    return OwnSegment(name, std::move(*mapping));
}

OwnSegment::~OwnSegment() {
    if (!mapping_.bytes().empty()) {
        // First: who leaves later must see that the name is left to him.
        static_cast<void>(set_lock(mapping_.descriptor(), F_UNLCK, owner_byte));
        leave_name(mapping_.descriptor(), name_);
    }
}

bool OwnSegment::allocate(std::uint32_t blocks) {
    const auto offset =
        static_cast<std::size_t>(mapping_.block(allocated_) - mapping_.bytes().data());
    const std::size_t bytes = (blocks - allocated_) * block_bytes;
    if (!allocate_bytes(mapping_.descriptor(), offset, bytes)) {
        return false;
    }
#ifdef MADV_POPULATE_WRITE
    advise(mapping_.bytes().subspan(offset, bytes), MADV_POPULATE_WRITE);
#endif
    allocated_ = blocks;
    return true;
}

std::span<std::byte> OwnSegment::slot(std::uint32_t first, std::uint32_t blocks) {
    PENSTOCK_ASSERT(first + blocks <= allocated_);
    return {mapping_.block(first), blocks * block_bytes};
}

void OwnSegment::publish(std::uint32_t slot, std::uint64_t generation) {
    mapping_.generation(slot).store(generation, std::memory_order_release);
}

void OwnSegment::withdraw(std::uint32_t slot) {
    // In this order: what is written into the slot next must not be seen under the old generation.
    // The caller's lock lies between this and the next writer, too.
    mapping_.generation(slot).exchange(0, std::memory_order_acq_rel);
}

std::optional<std::uint32_t> OwnSegment::block_of(const std::byte* address) const {
    const std::byte* const first = mapping_.block(0);
    if (address < first || address >= first + allocated_ * block_bytes) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(static_cast<std::size_t>(address - first) / block_bytes);
}

Result<std::shared_ptr<ForeignSegment>> ForeignSegment::open(const std::string& name, Keep keep,
                                                             Access access) {
    if (!is_segment_name(name)) {
        return fail(ErrorCode::malformed, "'" + name + "' is not the name of a segment");
    }
    const std::string path = path_of(name);
    // A lock, also a shared one, needs a descriptor that may read; a last removal one that may
    // write.
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) {
        return tl::unexpected(problem(path));
    }
    struct stat status {};
    const bool is_ours = ::fstat(descriptor, &status) == 0 && status.st_uid == ::geteuid();
    const auto bytes = static_cast<std::size_t>(status.st_size);
    // One without a name is on its way out: whoever is told of it could not open it.
    const bool is_kept =
        keep == Keep::no || (set_lock(descriptor, F_RDLCK, name_byte) &&
                             ::fstat(descriptor, &status) == 0 && status.st_nlink > 0);
    if (!is_ours || bytes % block_bytes != 0 || bytes < 2 * block_bytes || !is_kept) {
        ::close(descriptor);
        return fail(ErrorCode::malformed, path + " is not a segment of this user");
    }
    const int protection = access == Access::write ? PROT_READ | PROT_WRITE : PROT_READ;
    Result<Mapping> mapping = map(descriptor, bytes, protection);
    if (!mapping) {
        return tl::unexpected(std::move(mapping.error()));
    }
    if (std::memcmp(mapping->bytes().data(), magic.data(), magic.size()) != 0) {
        return fail(ErrorCode::malformed, path + " is not a segment of this version");
    }
    return std::make_shared<ForeignSegment>(name, std::move(*mapping), keep);
}

ForeignSegment::~ForeignSegment() {
    if (keep_ != Keep::yes) {
        return;
    }
    // Given up first: an owner that leaves from here on finds that nobody else needs the name.
    static_cast<void>(set_lock(mapping_.descriptor(), F_UNLCK, name_byte));
    if (!owner_lives()) {
        leave_name(mapping_.descriptor(), name_);
    }
}

std::uint64_t ForeignSegment::key() const {
    std::uint64_t key = 0;
    std::memcpy(&key, mapping_.bytes().data() + key_offset, sizeof key);
    return key;
}

bool ForeignSegment::owner_lives() const {
    return is_locked_by_others(mapping_.descriptor(), owner_byte);
}

std::optional<ByteView> ForeignSegment::find(const SlotRef& ref) const {
    const std::uint32_t blocks = mapping_.blocks();
    if (ref.slot >= blocks || ref.length == 0 ||
        ref.length > std::uint64_t{blocks - ref.slot} * block_bytes || !holds(ref)) {
        return std::nullopt;
    }
    const std::byte* const first = mapping_.block(ref.slot);
    touch(static_cast<std::size_t>(first - mapping_.bytes().data()), ref.length);
    return ByteView(first, ref.length);
}

bool ForeignSegment::holds(const SlotRef& ref) const {
    // 0 is what a slot without content has.
    return ref.generation != 0 && ref.slot < mapping_.blocks() &&
           mapping_.generation(ref.slot).load(std::memory_order_acquire) == ref.generation;
}

std::optional<SharedBytes> ForeignSegment::copy(const SlotRef& ref) const {
    const std::optional<ByteView> bytes = find(ref);
    if (!bytes) {
        return std::nullopt;
    }
    SharedBytes copy = SharedBytes::copy_of(*bytes);
    finish_reads();
    return holds(ref) ? std::optional(std::move(copy)) : std::nullopt;
}

std::optional<SlotRef> ForeignSegment::ref_of(ByteView bytes) const {
    const std::byte* const first = mapping_.block(0);
    const std::byte* const end = first + mapping_.blocks() * block_bytes;
    if (bytes.data() < first || bytes.data() >= end) {
        return std::nullopt;
    }
    const auto offset = static_cast<std::size_t>(bytes.data() - first);
    const auto slot = static_cast<std::uint32_t>(offset / block_bytes);
    const std::uint64_t generation = mapping_.generation(slot).load(std::memory_order_acquire);
    if (offset % block_bytes != 0 || generation == 0) {
        return std::nullopt;
    }
    return SlotRef{name_, slot, generation, bytes.size()};
}

// Maps the pages up to the end of these bytes, in large steps: one at a time costs more than
// copying them.
void ForeignSegment::touch(std::size_t offset, std::size_t length) const {
#ifdef MADV_POPULATE_READ
    const std::lock_guard lock(mutex_);
    const std::size_t end = offset + length;
    if (end > touched_) {
        // The owner has given memory to all before the slot, too.
        const std::size_t up_to = (end + block_bytes - 1) / block_bytes * block_bytes;
        advise(mapping_.bytes().subspan(touched_, up_to - touched_), MADV_POPULATE_READ);
        touched_ = up_to;
    }
#else
    static_cast<void>(offset);
    static_cast<void>(length);
#endif
}

}  // namespace penstock::shm
