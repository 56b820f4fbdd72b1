#include "worker/shell/slot_page.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::worker {
namespace {

// Across processes only lock-free atomics work.
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

std::size_t bytes_for(std::size_t processes) {
    return sizeof(HostMark) + processes * sizeof(ProcessMark);
}

tl::unexpected<Error> no_page(const char* what, int error) {
    return fail(ErrorCode::unavailable, std::string("cannot ") + what + " the slot page: " +
                                            std::generic_category().message(error));
}

}  // namespace

void PageId::set(const std::array<std::uint8_t, 16>& bytes) {
    std::array<std::uint64_t, 2> values{};
    std::memcpy(values.data(), bytes.data(), bytes.size());
    halves_[0].store(values[0], std::memory_order_release);
    halves_[1].store(values[1], std::memory_order_release);
}

std::array<std::uint8_t, 16> PageId::get() const {
    const std::array<std::uint64_t, 2> values{halves_[0].load(std::memory_order_acquire),
                                              halves_[1].load(std::memory_order_acquire)};
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

void SlotMark::start(const Lease& lease) {
    task_.set(lease.task.bytes);
    attempt_.store(lease.attempt, std::memory_order_relaxed);
    nonce_.store(lease.nonce, std::memory_order_relaxed);
    epoch_.store(lease.epoch.value, std::memory_order_relaxed);
    started_.store(1, std::memory_order_release);
}

void SlotMark::doom(const Lease& lease, protocol::Fate fate) {
    fate_.store(static_cast<std::uint32_t>(fate), std::memory_order_relaxed);
    doomed_nonce_.store(lease.nonce, std::memory_order_release);
}

protocol::StartedLease SlotMark::started() const {
    protocol::StartedLease started;
    started.lease = {TaskId{task_.get()},
                     {epoch_.load(std::memory_order_relaxed)},
                     attempt_.load(std::memory_order_relaxed),
                     nonce_.load(std::memory_order_relaxed)};
    if (doomed_nonce_.load(std::memory_order_acquire) == started.lease.nonce) {
        started.fate = static_cast<protocol::Fate>(fate_.load(std::memory_order_relaxed));
    }
    return started;
}

const char* name(EndReason reason) {
    switch (reason) {
        case EndReason::exited: return "exited";
        case EndReason::signalled: return "signal";
        case EndReason::out_of_memory: return "out_of_memory";
        case EndReason::time_limit: return "time_limit";
        case EndReason::stuck: return "stuck";
    }
    return "";
}

std::vector<protocol::StartedLease> started_leases(const ProcessMark& mark) {
    std::vector<protocol::StartedLease> started;
    for (const SlotMark& slot : mark.slots) {
        if (slot.busy()) {
            started.push_back(slot.started());
        }
    }
    Epoch latest;
    for (const auto& entry : started) {
        latest = std::max(latest, entry.lease.epoch);
    }
    const auto is_void = [&](const auto& entry) { return entry.lease.epoch != latest; };
    const bool ended_for_void_work = std::any_of(
        started.begin(), started.end(),
        [&](const auto& entry) { return is_void(entry) && entry.fate != protocol::Fate::running; });
    if (ended_for_void_work) {
        return {};
    }
    std::erase_if(started, is_void);
    return started;
}

void clear(ProcessMark& mark) {
    mark.pid = 0;
    mark.stage = 0;
    mark.beats = 0;
    mark.worker.set({});
    mark.completed = 0;
    mark.failed = 0;
    mark.shm_used_bytes = 0;
    mark.shm_bytes = 0;
    for (SlotMark& slot : mark.slots) {
        slot.end();
        slot.doom({}, protocol::Fate::running);
    }
}

Result<SlotPage> SlotPage::map(int descriptor, std::size_t processes) {
    void* memory =
        mmap(nullptr, bytes_for(processes), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) {
        const int error = errno;
        close(descriptor);
        return no_page("map", error);
    }
    return SlotPage(descriptor, memory, processes);
}

Result<SlotPage> SlotPage::create(std::size_t processes) {
    const int descriptor = memfd_create("penstock-slots", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) {
        return no_page("create", errno);
    }
    const auto bytes = static_cast<off_t>(bytes_for(processes));
    // Reserved now: later, lack of memory would be a SIGBUS. Sealed: nobody can pull the memory
    // away from under the others.
    int error = ftruncate(descriptor, bytes) == 0 ? posix_fallocate(descriptor, 0, bytes) : errno;
    if (error == 0 && fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
        error = errno;
    }
    if (error != 0) {
        close(descriptor);
        return no_page("reserve", error);
    }
    return map(descriptor, processes);
}

Result<SlotPage> SlotPage::open(int descriptor) {
    struct stat status {};
    const bool known = fstat(descriptor, &status) == 0;
    const auto bytes = static_cast<std::size_t>(status.st_size);
    if (!known || bytes < bytes_for(1) || (bytes - sizeof(HostMark)) % sizeof(ProcessMark) != 0) {
        return fail(ErrorCode::malformed,
                    "descriptor " + std::to_string(descriptor) +
                        " is no slot page: this role is for the supervisor to start");
    }
    return map(descriptor, (bytes - sizeof(HostMark)) / sizeof(ProcessMark));
}

SlotPage::SlotPage(SlotPage&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      memory_(std::exchange(other.memory_, nullptr)),
      processes_(other.processes_) {}

SlotPage::~SlotPage() {
    if (memory_ != nullptr) {
        munmap(memory_, bytes_for(processes_));
        close(descriptor_);
    }
}

// The memory starts as zeros, which is the initial state of every mark; no constructor has to run
// in it, and none may, as the others see it already.
HostMark& SlotPage::host() const {
    return *static_cast<HostMark*>(memory_);
}

ProcessMark& SlotPage::process(std::size_t number) const {
    PENSTOCK_ASSERT(number < processes_);
    auto* first = static_cast<std::byte*>(memory_) + sizeof(HostMark);
    return *reinterpret_cast<ProcessMark*>(first + number * sizeof(ProcessMark));
}

}  // namespace penstock::worker
