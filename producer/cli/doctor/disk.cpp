#include "producer/cli/doctor/disk.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "producer/cli/descriptor.hpp"
#include "producer/cli/table.hpp"

namespace penstock::cli::doctor {
namespace {

constexpr std::size_t block_bytes = 4096;
constexpr std::size_t blocks = 256;
constexpr std::chrono::seconds measuring_max{1};
// A loop of writing to memory takes less than this, and no disk does: the fastest, with a cache
// that survives a power cut, need about three times as long.
constexpr std::chrono::microseconds sync_min{5};
// A receipt at the level disk waits for a sync, so people would notice.
constexpr std::chrono::milliseconds sync_slow{50};
// A segment of the journal that fills, one that is made ready, and the broker's reserve: with less
// it refuses tasks as disk_full.
constexpr std::uint64_t room_min_bytes = std::uint64_t{288} << 20U;

enum class Kind : std::uint8_t { disk, memory, layer, remote };
struct FileSystem {
    std::int64_t number;
    const char* name;
    Kind kind;
};
// statfs(2) has their numbers.
constexpr std::array file_systems{
    FileSystem{0xEF53, "ext4", Kind::disk},        FileSystem{0x58465342, "xfs", Kind::disk},
    FileSystem{0x9123683E, "btrfs", Kind::disk},   FileSystem{0xF2F52010, "f2fs", Kind::disk},
    FileSystem{0x2FC12FC1, "zfs", Kind::disk},     FileSystem{0x01021994, "tmpfs", Kind::memory},
    FileSystem{0x858458F6, "ramfs", Kind::memory}, FileSystem{0x794C7630, "overlay", Kind::layer},
    FileSystem{0x6969, "nfs", Kind::remote},       FileSystem{0xFF534D42, "cifs", Kind::remote},
    FileSystem{0xFE534D42, "smb", Kind::remote},   FileSystem{0x65735546, "fuse", Kind::remote},
    FileSystem{0x01021997, "9p", Kind::remote},
};

double to_milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::string time_words(Duration duration) {
    constexpr std::chrono::milliseconds one{1};
    return duration < one ? fmt::format("{:.0f} us",
                                        std::chrono::duration<double, std::micro>(duration).count())
                          : duration_words(to_milliseconds(duration));
}

// A file that is gone when it is closed, of zeros that are safe: so a sync has bytes to write only,
// as in the journal.
int open_probe(const std::string& folder) {
    std::string name = folder + "/penstock-doctor-XXXXXX";
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) {
        static_cast<void>(::unlink(name.c_str()));
    }
    return file;
}

bool write_block(int file, std::size_t block, int byte) {
    std::array<unsigned char, block_bytes> bytes{};
    bytes.fill(static_cast<unsigned char>(byte));
    const auto offset = static_cast<off_t>(block * block_bytes);
    return ::pwrite(file, bytes.data(), bytes.size(), offset) == static_cast<ssize_t>(bytes.size());
}

bool write_zeros(int file) {
    for (std::size_t block = 0; block < blocks; ++block) {
        if (!write_block(file, block, 0)) {
            return false;
        }
    }
    return ::fsync(file) == 0;
}

bool measure_syncs(int file, std::vector<Duration>& syncs) {
    const TimePoint end = Instant::read().steady + measuring_max;
    for (std::size_t block = 0; block < blocks; ++block) {
        if (!write_block(file, block, 1)) {
            return false;
        }
        const TimePoint before = Instant::read().steady;
        if (::fdatasync(file) != 0) {
            return false;
        }
        const TimePoint after = Instant::read().steady;
        syncs.push_back(after - before);
        if (after > end) {
            break;
        }
    }
    return true;
}

}  // namespace

Result<DiskFacts> measure_disk(const std::string& folder) {
    DiskFacts facts{folder, 0, 0, {}};
    struct statfs about {};
    struct statvfs room {};
    if (::statfs(folder.c_str(), &about) != 0 || ::statvfs(folder.c_str(), &room) != 0) {
        return cannot("look at", folder, errno);
    }
    facts.file_system = static_cast<std::int64_t>(about.f_type) & 0xFFFFFFFF;
    facts.free_bytes = std::uint64_t{room.f_bavail} * room.f_frsize;
    const Descriptor file(open_probe(folder));
    if (file.number() < 0) {
        return cannot("write in", folder, errno);
    }
    if (!write_zeros(file.number()) || !measure_syncs(file.number(), facts.syncs)) {
        return cannot("write and sync in", folder, errno);
    }
    return facts;
}

Finding judge_file_system(const DiskFacts& facts) {
    const auto known = std::ranges::find(file_systems, facts.file_system, &FileSystem::number);
    const std::string name =
        known == file_systems.end() ? fmt::format("number {:#x}", facts.file_system) : known->name;
    Finding finding{"file system", Verdict::ok, fmt::format("{} at {}", name, facts.folder)};
    const Kind kind = known == file_systems.end() ? Kind::disk : known->kind;
    switch (kind) {
        case Kind::disk: break;
        case Kind::memory:
            finding.verdict = Verdict::fail;
            finding.advice =
                "it is memory, and gone with the power: keep --data of the broker on a disk";
            break;
        case Kind::layer:
            finding.verdict = Verdict::warn;
            finding.advice = "it goes with its container: mount a volume for --data of the broker";
            break;
        case Kind::remote:
            finding.verdict = Verdict::warn;
            finding.advice =
                "whether its locks and syncs hold is up to another machine or program: a disk of "
                "this one is safer, and faster";
            break;
    }
    return finding;
}

Finding judge_syncs(const DiskFacts& facts) {
    const Duration half = quantile(facts.syncs, 0.5);
    const Duration nearly_all = quantile(facts.syncs, 0.99);
    Finding finding{"disk sync", Verdict::ok,
                    fmt::format("p50 {}, p99 {} for 4 KiB ({} syncs)", time_words(half),
                                time_words(nearly_all), facts.syncs.size())};
    if (half < sync_min) {
        finding.verdict = Verdict::fail;
        finding.advice =
            "does not sync: no disk is that fast, so this is tmpfs or a disk that lies, and what "
            "was promised is gone with the power";
    } else if (nearly_all > sync_slow) {
        finding.verdict = Verdict::warn;
        finding.advice =
            "a receipt waits for a sync: keep --data of the broker on a faster disk, or one that "
            "others use less";
    }
    return finding;
}

Finding judge_room(const DiskFacts& facts) {
    Finding finding{"disk room", Verdict::ok, size_words(facts.free_bytes) + " free"};
    if (facts.free_bytes < room_min_bytes) {
        finding.verdict = Verdict::fail;
        finding.advice = fmt::format("the journal needs {} to begin with: make room",
                                     size_words(room_min_bytes));
    }
    return finding;
}

Duration quantile(std::vector<Duration> values, double share) {
    const auto last = static_cast<double>(values.size() - 1);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::lround(share * last));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

Findings check_disk(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    fs::path there = fs::absolute(folder, ignored).lexically_normal();
    while (!fs::is_directory(there, ignored) && there.has_relative_path()) {
        there = there.parent_path();
    }
    const Result<DiskFacts> facts = measure_disk(there.string());
    if (!facts) {
        return {{"disk sync", Verdict::fail, facts.error().message,
                 "run this as the user of the broker, and name its folder with --data"}};
    }
    return {judge_file_system(*facts), judge_syncs(*facts), judge_room(*facts)};
}

}  // namespace penstock::cli::doctor
