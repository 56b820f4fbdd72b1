// The page of memory that survives a worker process: what each slot has started, so that the
// supervisor can name the suspects after a death, and a few numbers for the metrics.
//
// A memfd made by the supervisor and mapped by the supervisor, the reporter and every worker
// process. Each part has one writer, named beside it; everybody may read at any time. All fields
// are atomics, so a reader sees old or new values, never torn ones. Zero is "nothing yet".
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/model/ids.hpp"
#include "common/model/result.hpp"
#include "common/protocol/message.hpp"
#include "worker/core/effect.hpp"

namespace penstock::worker {

// Slots of one process; the page is made for so many.
inline constexpr std::size_t slots_max = 256;

// Sixteen bytes in two atomics. Written before the flag beside it is set.
class PageId {
  public:
    void set(const std::array<std::uint8_t, 16>& bytes);
    [[nodiscard]] std::array<std::uint8_t, 16> get() const;

  private:
    std::array<std::atomic<std::uint64_t>, 2> halves_{};
};

// Written by the slot's thread; the fate by the process's socket thread.
class alignas(64) SlotMark {
  public:
    void start(const Lease& lease);
    void end() { started_.store(0, std::memory_order_release); }
    // Holds only if the slot still runs that lease when the page is read.
    void doom(const Lease& lease, protocol::Fate fate);

    [[nodiscard]] bool busy() const { return started_.load(std::memory_order_acquire) != 0; }
    // Requires: busy().
    [[nodiscard]] protocol::StartedLease started() const;

  private:
    std::atomic<std::uint32_t> started_{0};
    std::atomic<std::uint32_t> attempt_{0};
    std::atomic<std::uint64_t> nonce_{0};
    std::atomic<std::uint64_t> epoch_{0};
    PageId task_;
    std::atomic<std::uint64_t> doomed_nonce_{0};
    std::atomic<std::uint32_t> fate_{0};
};

// Written by the process, `pid` by the supervisor.
struct alignas(64) ProcessMark {
    std::atomic<std::uint32_t> pid{0};    // 0: does not run
    std::atomic<std::uint32_t> stage{0};  // worker::Stage
    std::atomic<std::uint64_t> beats{0};  // turns of the socket thread: it hangs when this stands
    PageId worker;                        // all zero until the process has chosen it
    std::atomic<std::uint64_t> completed{0};
    std::atomic<std::uint64_t> failed{0};
    // Of its ring of shared memory: what is in use, and what it may grow to.
    std::atomic<std::uint64_t> shm_used_bytes{0};
    std::atomic<std::uint64_t> shm_bytes{0};
    std::array<SlotMark, slots_max> slots;
};

// Why a process ended, for the metrics.
enum class EndReason : std::uint8_t { exited, signalled, out_of_memory, time_limit, stuck };
inline constexpr std::size_t end_reason_count = 5;
[[nodiscard]] const char* name(EndReason reason);

// Written by the supervisor.
struct alignas(64) HostMark {
    std::array<std::atomic<std::uint64_t>, end_reason_count> restarts{};
};

// What had started in a process, with its fate. All of one epoch, the latest; nothing if the
// process was ended for the sake of an older one, so that nobody is suspected of it.
[[nodiscard]] std::vector<protocol::StartedLease> started_leases(const ProcessMark& mark);
// Makes the mark of a dead process ready for its successor.
void clear(ProcessMark& mark);

class SlotPage {
  public:
    // Errors: unavailable (no memory).
    [[nodiscard]] static Result<SlotPage> create(std::size_t processes);
    // Maps the page behind an inherited descriptor. Errors: malformed, if it is no such page.
    [[nodiscard]] static Result<SlotPage> open(int descriptor);
    ~SlotPage();
    SlotPage(SlotPage&& other) noexcept;
    SlotPage& operator=(SlotPage&&) = delete;
    SlotPage(const SlotPage&) = delete;
    SlotPage& operator=(const SlotPage&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] std::size_t processes() const { return processes_; }
    [[nodiscard]] HostMark& host() const;
    // Requires: number < processes().
    [[nodiscard]] ProcessMark& process(std::size_t number) const;

  private:
    SlotPage(int descriptor, void* memory, std::size_t processes)
        : descriptor_(descriptor), memory_(memory), processes_(processes) {}
    [[nodiscard]] static Result<SlotPage> map(int descriptor, std::size_t processes);

    int descriptor_ = -1;
    void* memory_ = nullptr;
    std::size_t processes_ = 0;
};

}  // namespace penstock::worker
