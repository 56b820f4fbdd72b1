// Ctrl-C, or a terminal that goes away, while a command waits: the tasks go on, so the command says
// so before it leaves.
//
// Thread rule: one at a time, made and destroyed by the command's thread.
#pragma once

#include "producer/client/wakeup.hpp"

namespace penstock::cli {

class Interrupt {
  public:
    // From now on the first SIGINT, SIGTERM or SIGHUP is noted; a second one ends the process. A
    // SIGHUP that was ignored stays so.
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
