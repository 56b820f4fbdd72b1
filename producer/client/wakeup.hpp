// Wakes one thread that waits for file descriptors.
//
// Thread rule: signal() from any thread, and from a signal handler; drain() by the one that waits.
#pragma once

namespace penstock::client {

class Wakeup {
  public:
    // Throws std::system_error when the process has no descriptor left.
    Wakeup();
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    // Readable from signal() until drain().
    [[nodiscard]] int descriptor() const { return descriptor_; }
    void signal() const noexcept;
    void drain() const noexcept;

  private:
    int descriptor_ = -1;
};

}  // namespace penstock::client
