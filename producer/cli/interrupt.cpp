#include "producer/cli/interrupt.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <signal.h>

#include "common/model/assert.hpp"

namespace penstock::cli {
namespace {

constexpr std::array watched{SIGINT, SIGTERM, SIGHUP};

// A signal handler sees nothing but globals.
std::atomic<int> received = 0;
std::atomic<const client::Wakeup*> sleeper = nullptr;
std::array<struct sigaction, watched.size()> before{};

static_assert(std::atomic<int>::is_always_lock_free);
static_assert(std::atomic<const client::Wakeup*>::is_always_lock_free);

void note_signal(int number) {
    const int error = errno;
    received = number;
    if (const client::Wakeup* wakeup = sleeper) {
        wakeup->signal();
    }
    errno = error;
}

}  // namespace

Interrupt::Interrupt() {
    PENSTOCK_ASSERT(sleeper == nullptr);
    received = 0;
    sleeper = &wakeup_;
    struct sigaction action {};
    action.sa_handler = note_signal;
    // Once only: whoever presses Ctrl-C again wants out.
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < watched.size(); ++i) {
        ::sigaction(watched.at(i), &action, &before.at(i));
        // Under nohup the command is to outlive its terminal.
        if (watched.at(i) == SIGHUP && before.at(i).sa_handler == SIG_IGN) {
            ::sigaction(SIGHUP, &before.at(i), nullptr);
        }
    }
}

Interrupt::~Interrupt() {
    for (std::size_t i = 0; i < watched.size(); ++i) {
        ::sigaction(watched.at(i), &before.at(i), nullptr);
    }
    sleeper = nullptr;
}

int Interrupt::signal() const {
    return received;
}

}  // namespace penstock::cli
