#include "common/model/task.hpp"

#include <algorithm>

namespace penstock {

std::string_view name(TaskState state) {
    switch (state) {
        case TaskState::scheduled: return "scheduled";
        case TaskState::queued: return "queued";
        case TaskState::active: return "active";
        case TaskState::retrying: return "retrying";
        case TaskState::blocked: return "blocked";
        case TaskState::completed: return "completed";
        case TaskState::dead: return "dead";
        case TaskState::cancelled: return "cancelled";
        case TaskState::expired: return "expired";
    }
    return "unknown";
}

std::optional<TaskState> task_state_from_number(std::uint64_t number) {
    if (number < 1 || number > task_state_count) {
        return std::nullopt;
    }
    return static_cast<TaskState>(number);
}

std::optional<TaskState> task_state_from_name(std::string_view text) {
    for (std::uint8_t number = 1; number <= task_state_count; ++number) {
        if (name(static_cast<TaskState>(number)) == text) {
            return static_cast<TaskState>(number);
        }
    }
    return std::nullopt;
}

bool is_final(TaskState state) {
    return state == TaskState::completed || state == TaskState::dead ||
           state == TaskState::cancelled || state == TaskState::expired;
}

std::string_view name(DeadReason reason) {
    switch (reason) {
        case DeadReason::none: return "none";
        case DeadReason::attempts_exhausted: return "attempts_exhausted";
        case DeadReason::poison: return "poison";
        case DeadReason::rejected: return "rejected";
        case DeadReason::time_limit: return "time_limit";
        case DeadReason::no_handler: return "no_handler";
        case DeadReason::parent_failed: return "parent_failed";
    }
    return "unknown";
}

std::optional<DeadReason> dead_reason_from_number(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(DeadReason::parent_failed)) {
        return std::nullopt;
    }
    return static_cast<DeadReason>(number);
}

std::string_view name(Durability durability) {
    switch (durability) {
        case Durability::memory: return "memory";
        case Durability::disk: return "disk";
        case Durability::replicated: return "replicated";
    }
    return "unknown";
}

std::optional<Durability> durability_from_number(std::uint64_t number) {
    if (number < 1 || number > static_cast<std::uint64_t>(Durability::replicated)) {
        return std::nullopt;
    }
    return static_cast<Durability>(number);
}

std::optional<Durability> durability_from_name(std::string_view text) {
    for (const Durability candidate :
         {Durability::memory, Durability::disk, Durability::replicated}) {
        if (name(candidate) == text) {
            return candidate;
        }
    }
    return std::nullopt;
}

std::string_view name(SlotClass slot_class) {
    return slot_class == SlotClass::cpu ? "cpu" : "wait";
}

bool is_valid_name(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-' || c == ':';
    };
    return !text.empty() && text.size() <= name_bytes_max && std::ranges::all_of(text, allowed);
}

}  // namespace penstock
