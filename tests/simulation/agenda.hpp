// What happens when: the one line in which everything that happens to anybody stands.
//
// Thread rule: one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/chance.hpp"

namespace penstock::simulation {

// Somebody to whom things happen. While it is paused they wait, in order; when it dies, what was
// meant for that life of it is void.
class Party {
  public:
    explicit Party(std::string name) : name_(std::move(name)) {}
    Party(const Party&) = delete;
    Party& operator=(const Party&) = delete;
    virtual ~Party() = default;

    // `what` and `detail` mean what the party meant when it made the entry.
    virtual void happens(std::uint32_t what, std::uint64_t detail) = 0;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint32_t life() const { return life_; }
    [[nodiscard]] Nanos paused_until() const { return paused_until_; }
    void pause_until(Nanos time) { paused_until_ = std::max(paused_until_, time); }

  protected:
    void begin_life() {
        ++life_;
        paused_until_ = 0;
    }

  private:
    std::string name_;
    std::uint32_t life_ = 0;
    Nanos paused_until_ = 0;
};

struct Entry {
    Nanos at = 0;
    std::uint64_t order = 0;  // of entries at the same time
    Party* party = nullptr;
    std::uint32_t life = 0;  // 0: of any life
    std::uint32_t what = 0;
    std::uint64_t detail = 0;
};

class Agenda {
  public:
    [[nodiscard]] Nanos now() const { return now_; }
    // For this life of the party only.
    void add(Nanos at, Party& party, std::uint32_t what, std::uint64_t detail = 0) {
        push({std::max(at, now_), ++order_, &party, party.life(), what, detail});
    }
    // Whoever the party is then.
    void add_for_any_life(Nanos at, Party& party, std::uint32_t what, std::uint64_t detail = 0) {
        push({std::max(at, now_), ++order_, &party, 0, what, detail});
    }
    // The next entry whose party is neither another one by now nor paused; nothing is left if none.
    [[nodiscard]] std::optional<Entry> next() {
        while (!heap_.empty()) {
            std::ranges::pop_heap(heap_, later);
            Entry entry = heap_.back();
            heap_.pop_back();
            now_ = entry.at;
            if (entry.life != 0 && entry.life != entry.party->life()) {
                continue;
            }
            if (entry.party->paused_until() <= now_) {
                return entry;
            }
            entry.at = entry.party->paused_until();
            entry.order = ++order_;
            push(entry);
        }
        return std::nullopt;
    }

  private:
    static bool later(const Entry& a, const Entry& b) {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
    void push(const Entry& entry) {
        heap_.push_back(entry);
        std::ranges::push_heap(heap_, later);
    }

    Nanos now_ = 0;
    std::uint64_t order_ = 0;
    std::vector<Entry> heap_;
};

}  // namespace penstock::simulation
