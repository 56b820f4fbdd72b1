#include "common/protocol/message.hpp"

namespace penstock::protocol {

std::string_view name(Kind kind) {
    switch (kind) {
        case Kind::hello: return "HELLO";
        case Kind::welcome: return "WELCOME";
        case Kind::submit: return "SUBMIT";
        case Kind::receipt: return "RECEIPT";
        case Kind::refusal: return "REFUSAL";
        case Kind::await: return "AWAIT";
        case Kind::result: return "RESULT";
        case Kind::cancel: return "CANCEL";
        case Kind::cancelling: return "CANCELLING";
        case Kind::query: return "QUERY";
        case Kind::answer: return "ANSWER";
        case Kind::heartbeat: return "HEARTBEAT";
        case Kind::goodbye: return "GOODBYE";
        case Kind::join: return "JOIN";
        case Kind::dispatch: return "DISPATCH";
        case Kind::outcome: return "OUTCOME";
        case Kind::settled: return "SETTLED";
        case Kind::recall: return "RECALL";
        case Kind::returned: return "RETURNED";
        case Kind::stop: return "STOP";
        case Kind::progress: return "PROGRESS";
        case Kind::drain: return "DRAIN";
        case Kind::obituary: return "OBITUARY";
        case Kind::noted: return "NOTED";
        case Kind::backup: return "BACKUP";
        case Kind::backup_part: return "BACKUP_PART";
        case Kind::archive_request: return "ARCHIVE_REQUEST";
        case Kind::archive_reply: return "ARCHIVE_REPLY";
        case Kind::slots_free: return "SLOTS_FREE";
        case Kind::slots_read: return "SLOTS_READ";
        case Kind::no_memory: return "NO_MEMORY";
    }
    return "unknown";
}

}  // namespace penstock::protocol
