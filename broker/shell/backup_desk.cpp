#include "broker/shell/backup_desk.hpp"

#include <string>
#include <utility>

namespace penstock::broker {
namespace {

protocol::BackupPart refusal(std::uint64_t request, Error error) {
    protocol::BackupPart part;
    part.request = request;
    part.error = std::move(error);
    return part;
}

}  // namespace

std::vector<Outgoing> BackupDesk::take(std::vector<BackupRequest> requests) {
    std::vector<Outgoing> refused;
    for (BackupRequest& request : requests) {
        if (waiting_.size() < waiting_max) {
            waiting_.push_back(std::move(request));
            continue;
        }
        const Error busy{ErrorCode::busy, "more than " + std::to_string(waiting_max) +
                                              " pieces of backups are asked for at a time; ask "
                                              "for the next one when the one before has come"};
        refused.push_back({request.session, refusal(request.backup.request, busy)});
    }
    return refused;
}

std::optional<Outgoing> BackupDesk::answer_next() {
    if (waiting_.empty()) {
        return std::nullopt;
    }
    const BackupRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    Result<protocol::BackupPart> part = journal_.read_for_backup(request.backup.from);
    if (!part) {
        return Outgoing{request.session, refusal(request.backup.request, std::move(part.error()))};
    }
    part->request = request.backup.request;
    return Outgoing{request.session, *std::move(part)};
}

}  // namespace penstock::broker
