// What application threads hand to the socket thread.
//
// Thread rule: values that move from one thread to the other.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "producer/client/client.hpp"

namespace penstock::client {

using OnConnected = std::function<void(Result<BrokerTerms>)>;
using OnCancelling = std::function<void(Result<void>)>;
using OnBackupPart = std::function<void(Result<protocol::BackupPart>)>;

struct ConnectCommand {
    OnConnected callback;
};
struct SubmitCommand {
    Submission submission;
    std::vector<NewTask> tasks;
    OnAccepted on_accepted;  // at least one of the two
    OnFinished on_finished;
};
struct AwaitCommand {
    std::vector<TaskId> ids;
    OnFinished callback;
};
struct CancelCommand {
    TaskId id;
    OnCancelling callback;
};
struct QueryCommand {
    protocol::Query query;
    OnAnswer callback;
};
struct ArchiveCommand {
    protocol::ArchiveRequest request;
    OnArchiveReply callback;
};
struct BackupCommand {
    protocol::BackupPlace from;
    OnBackupPart callback;
};
using Command = std::variant<ConnectCommand, SubmitCommand, AwaitCommand, CancelCommand,
                             QueryCommand, ArchiveCommand, BackupCommand>;

}  // namespace penstock::client
