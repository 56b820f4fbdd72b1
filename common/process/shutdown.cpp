#include "common/process/shutdown.hpp"

#include <csignal>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/model/assert.hpp"

namespace penstock::process {

SignalQueue::SignalQueue(bool with_children) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    // Under nohup it stays ignored; taking it would end what is meant to go on.
    struct sigaction hang_up {};
    if (sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN) {
        sigaddset(&wanted, SIGHUP);
    }
    if (with_children) {
        sigaddset(&wanted, SIGCHLD);
    }
    PENSTOCK_ASSERT(pthread_sigmask(SIG_BLOCK, &wanted, nullptr) == 0);
    PENSTOCK_ASSERT(std::signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    PENSTOCK_ASSERT(std::signal(SIGCHLD, SIG_DFL) != SIG_ERR);
    descriptor_ = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    PENSTOCK_ASSERT(descriptor_ >= 0);
}

SignalQueue::~SignalQueue() {
    close(descriptor_);
}

std::optional<int> SignalQueue::next() {
    signalfd_siginfo info{};
    if (read(descriptor_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
        return std::nullopt;
    }
    return static_cast<int>(info.ssi_signo);
}

void SignalQueue::unblock_all() {
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace penstock::process
