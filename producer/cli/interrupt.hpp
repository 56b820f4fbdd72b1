// Ctrl-C while a command waits: the tasks go on, so the command says so before it leaves.
//
// Thread rule: one at a time, made and destroyed by the command's thread.
#pragma once

#include "producer/client/wakeup.hpp"

namespace penstock::cli {

class Interrupt {
  public:
    // From now on the first SIGINT or SIGTERM is noted; a second one ends the process.
    Interrupt();
    // Restores what was before.
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    // Readable once it has happened.
    [[nodiscard]] int descriptor() const { return wakeup_.descriptor(); }
    // The signal's number, or 0.
    [[nodiscard]] int signal() const;

  private:
    client::Wakeup wakeup_;
};

}  // namespace penstock::cli
