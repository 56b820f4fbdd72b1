#include "tests/simulation/errand.hpp"

#include <algorithm>
#include <array>

#include "tests/simulation/invariants/digest.hpp"

namespace penstock::simulation {

TaskId id_of(ErrandNumber number) {
    TaskId id;
    id.bytes[0] = 1;
    for (std::size_t at = 0; at < 4; ++at) {
        id.bytes[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
    }
    return id;
}

ErrandNumber number_of(const TaskId& id) {
    ErrandNumber number = 0;
    for (std::size_t at = 12; at < 16; ++at) {
        number = number << 8U | id.bytes[at];
    }
    return number;
}

Errand& Errands::add() {
    Errand& errand = all_.emplace_back();
    errand.number = static_cast<ErrandNumber>(all_.size() - 1);
    errand.id = id_of(errand.number);
    return errand;
}

void Errands::give_options(TaskOptions& options) {
    using std::chrono::milliseconds;
    options.durability =
        chance_.percent(plan_.memory_percent) ? Durability::memory : Durability::disk;
    options.max_attempts = static_cast<std::uint32_t>(chance_.below(4));
    if (chance_.percent(20)) {
        options.backoff_base = milliseconds(1 + chance_.below(3'000));
    }
    if (!chance_.percent(plan_.timed_percent)) {
        return;
    }
    const std::uint64_t start = chance_.below(3);
    if (start == 0) {
        options.delay = milliseconds(1 + chance_.below(3'000));
    } else if (start == 1) {
        options.run_at = first_unix_ms + static_cast<std::int64_t>(chance_.below(8'000));
    }
    const std::uint64_t end = chance_.below(3);
    if (end == 0) {
        options.expires_in = milliseconds(1 + chance_.below(4'000));
    } else if (end == 1) {
        options.expires_at = first_unix_ms + static_cast<std::int64_t>(chance_.below(10'000));
    }
}

const Errand& Errands::invent(const Errand* alike, std::int64_t unix_ms) {
    Errand& errand = add();
    if (!plan_.undated || chance_.percent(70)) {
        TaskId dated = make_task_id(unix_ms, 0, 0);
        std::copy_n(errand.id.bytes.begin() + 12, 4, dated.bytes.begin() + 12);
        errand.id = dated;
    }
    if (alike != nullptr) {
        errand.type = alike->type;
        errand.queue = alike->queue;
        errand.options = alike->options;
    } else {
        const std::uint64_t kind = chance_.below(100);
        errand.type = kind < 55   ? quick_type
                      : kind < 78 ? slow_type
                      : kind < 98 ? idle_type
                                  : strange_type;
        errand.queue = chance_.percent(80) ? "default" : "night";
        give_options(errand.options);
    }
    const std::string text(8 + chance_.below(plan_.body_bytes_max), 'b');
    errand.body.args = SharedBytes::copy_of(std::to_string(errand.number) + text);
    if (chance_.percent(20)) {
        errand.body.payload = SharedBytes::copy_of("payload of " + std::to_string(errand.number));
    }
    errand.digest = digest(errand.body);
    if (chance_.percent(plan_.trouble_percent)) {
        constexpr std::array natures{Nature::hopeless, Nature::refused, Nature::deadly,
                                     Nature::endless,  Nature::willing, Nature::willing};
        errand.nature = natures[chance_.index(natures.size())];
    }
    errand.stubborn = chance_.percent(20);
    return errand;
}

const Errand& Errands::invent_probe(const std::string& type, const std::string& queue) {
    Errand& errand = add();
    errand.type = type;
    errand.queue = queue;
    errand.digest = digest(errand.body);
    return errand;
}

Body proof(const Lease& lease) {
    Body body;
    body.args = SharedBytes::copy_of(
        std::to_string(number_of(lease.task)) + " " + std::to_string(lease.attempt) + " " +
        std::to_string(lease.nonce) + " " + std::to_string(lease.epoch.value));
    return body;
}

}  // namespace penstock::simulation
