// Which bodies have files: 16 bytes for each, instead of a look into the folder.
//
// Thread rule: add() and take_before() belong to the thread that writes; next() to any.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "broker/store/log/body_file.hpp"

namespace penstock::broker {

class BodyIndex {
  public:
    // Requires: behind those that have been added.
    void add(const BodyPlace& place);
    // Those of segments before this one, which are forgotten.
    [[nodiscard]] std::vector<BodyPlace> take_before(std::uint64_t segment);
    // The first one of that segment whose record has this number or a later one.
    [[nodiscard]] std::optional<BodyPlace> next(const BodyPlace& from) const;

  private:
    mutable std::mutex mutex_;  // a copy of the journal asks while it is written
    std::deque<BodyPlace> places_;
};

}  // namespace penstock::broker
