#include "tests/wire/sample_messages.hpp"

#include <iterator>
#include <numeric>
#include <utility>

#include "common/protocol/codec.hpp"

namespace penstock::wire_test {
namespace {

using namespace protocol;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Epoch epoch{7};

WorkerId sample_worker_id() {
    WorkerId id;
    id.bytes.fill(0xee);
    return id;
}

Lease sample_lease(std::uint8_t first) {
    return {sample_task_id(first), epoch, 2, 0x0102030405060708};
}

SharedBytes bytes(std::string_view text) {
    return SharedBytes::copy_of(text);
}

// Just too large to travel inside the header frame.
SharedBytes large_payload() {
    return bytes(std::string(inline_body_max_bytes + 1, 'p'));
}

Submit sample_submit() {
    TaskOptions options;
    options.durability = Durability::memory;
    options.max_attempts = 3;
    options.time_limit = milliseconds(60'000);
    options.backoff_base = milliseconds(500);
    options.backoff_max = milliseconds(90'000);
    options.delay = milliseconds(250);
    options.expires_at = 1'800'000'000'000;
    return {"math.square",
            "default",
            options,
            {{sample_task_id(0x10), {bytes("\x93\x01\x02\x03"), {}}},
             {sample_task_id(0x20), {{}, bytes("JPEG")}},
             {sample_task_id(0x30), {bytes("\x01"), large_payload()}}}};
}

ResultBatch sample_result() {
    const Site first{"host-a", 4242, 1};
    const Site second{"host-b", 70'000, 0};
    const Error failure{ErrorCode::rejected, "width is 0"};
    const Error unknown{ErrorCode::no_handler, "no worker has it"};
    return {{{sample_task_id(0x10),
              TaskState::completed,
              DeadReason::none,
              1,
              first,
              3,
              microseconds(1500),
              {},
              {bytes("\x93\x01\x04\x09"), bytes("bytes")}},
             {sample_task_id(0x20),
              TaskState::dead,
              DeadReason::rejected,
              2,
              second,
              0,
              microseconds(70'000),
              failure,
              {}},
             {sample_task_id(0x30),
              TaskState::completed,
              DeadReason::none,
              1,
              first,
              1,
              microseconds(9),
              {},
              {{}, large_payload()}},
             {sample_task_id(0x40),
              TaskState::dead,
              DeadReason::no_handler,
              0,
              {},
              0,
              microseconds(0),
              unknown,
              {}}}};
}

TaskRow sample_task_row() {
    TaskRow row;
    row.id = sample_task_id(0x10);
    row.type = "image.resize";
    row.queue = "default";
    row.state = TaskState::retrying;
    row.dead_reason = DeadReason::none;
    row.attempts = 1;
    row.max_attempts = 5;
    row.created_at = 1'700'000'000'000;
    row.started_at = 1'700'000'000'010;
    row.finished_at = 0;
    row.run_at = 1'700'000'005'000;
    row.expires_at = 1'700'000'600'000;
    row.site = Site{"host-a", 4242, 1};
    row.thread = 2;
    row.run = microseconds(300'000);
    row.progress_permille = 250;
    row.progress_note = "a quarter";
    row.error = Error{ErrorCode::crashed, "the process died"};
    row.result_bytes = 65'536;
    return row;
}

TaskRow sample_queued_row() {
    TaskRow row;
    row.id = sample_task_id(0x20);
    row.type = "math.double";
    row.queue = "slow";
    row.state = TaskState::queued;
    row.max_attempts = 5;
    row.created_at = 1'700'000'000'000;
    return row;
}

WorkerRow sample_worker_row() {
    WorkerRow row;
    row.worker = sample_worker_id();
    row.site = {"host-a", 4242, 1};
    row.draining = true;
    row.slots = {1, 8};
    row.leases = {1, 3};
    row.queues = {"default", "slow"};
    row.labels = {"gpu"};
    row.types = {"math.double", "math.sleep"};
    row.joined_at = 1'700'000'000'000;
    row.silent = milliseconds(40);
    row.completed = 123'456;
    return row;
}

Join sample_join() {
    Join join;
    join.worker = sample_worker_id();
    join.site = {"host-a", 4242, 1};
    join.slots = {1, 8};
    join.types = {{"math.double", SlotClass::cpu}, {"math.sleep", SlotClass::wait}};
    join.queues = {"default", "slow"};
    join.labels = {"gpu"};
    join.held = {sample_lease(0x10), sample_lease(0x20)};
    join.memory = Memory{"domain", "segment", 999, 2};
    return join;
}

Welcome sample_welcome(std::optional<std::vector<SlotLoan>> lent) {
    return {epoch,      "0.1.0", milliseconds(1000), milliseconds(6000),
            33'554'432, 1024,    std::move(lent)};
}

Dispatch sample_dispatch() {
    return {
        epoch,
        {{"math.square",
          "default",
          milliseconds(600'000),
          {{sample_lease(0x10), {bytes("\x93\x01\x02\x03"), {}}},
           {sample_lease(0x20), {{}, large_payload()}}}},
         {"math.sleep", "slow", milliseconds(1000), {{sample_lease(0x30), {bytes("\x05"), {}}}}}}};
}

OutcomeBatch sample_outcome() {
    const Error failure{ErrorCode::failed, "the disk is full"};
    return {epoch,
            {{sample_lease(0x10), 0, microseconds(1500), {}, {bytes("\x01"), bytes("PNG")}},
             {sample_lease(0x20), 1, microseconds(20), failure, {}}}};
}

std::vector<Sample> make_answers() {
    const QueueRow queue{"default", {0, 12, 3, 1, 0, 99, 2, 1, 0}, 4096, milliseconds(1500)};
    const BrokerRow broker{"0.1.0", epoch, 1'700'000'000'000, 10, 20,     30,  2,
                           1,       4,     Durability::disk,  5,  20'480, true};
    return {
        {"answer-task", Answer{1, QueryKind::task, std::vector<TaskRow>{sample_task_row()}, 0}},
        {"answer-tasks", Answer{2, QueryKind::tasks,
                                std::vector<TaskRow>{sample_task_row(), sample_queued_row()}, 55}},
        {"answer-queues", Answer{3, QueryKind::queues, std::vector<QueueRow>{queue}, 0}},
        {"answer-workers",
         Answer{4, QueryKind::workers, std::vector<WorkerRow>{sample_worker_row()}, 0}},
        {"answer-broker", Answer{5, QueryKind::broker, std::vector<BrokerRow>{broker}, 0}}};
}

std::vector<Sample> make_producer_samples() {
    const std::vector<TaskId> ids = {sample_task_id(0x10), sample_task_id(0x20)};
    return {{"hello", Hello{"penstock-cli"}},
            {"welcome", sample_welcome({})},
            {"submit", sample_submit()},
            {"receipt", Receipt{Durability::memory, ids}},
            {"refusal", Refusal{{ErrorCode::busy, "queue is full"}, milliseconds(250), ids}},
            {"await", Await{ids}},
            {"result", sample_result()},
            {"cancel", Cancel{ids}},
            {"cancelling", Cancelling{ids}},
            {"query-task", Query{1, QueryKind::task, sample_task_id(0x10), {}, "", "", 0, 1}},
            {"query-tasks",
             Query{2, QueryKind::tasks, {}, TaskState::dead, "default", "math.square", 77, 1000}}};
}

std::vector<Sample> make_worker_samples() {
    const std::vector<TaskId> ids = {sample_task_id(0x10), sample_task_id(0x20)};
    const std::vector<Lease> leases = {sample_lease(0x10), sample_lease(0x20)};
    return {{"heartbeat", Heartbeat{}},
            {"goodbye", Goodbye{}},
            {"join", sample_join()},
            {"dispatch", sample_dispatch()},
            {"outcome", sample_outcome()},
            {"settled", Settled{epoch, ids}},
            {"recall", Recall{epoch, leases}},
            {"returned", Returned{epoch, leases}},
            {"stop", Stop{epoch, milliseconds(5000), leases}},
            {"progress", Progress{epoch, {{sample_lease(0x10), 500, "half way"}}}},
            {"drain", Drain{}},
            {"obituary", Obituary{9,
                                  sample_worker_id(),
                                  DeathCause::signalled,
                                  11,
                                  104'857'600,
                                  microseconds(1'500'000),
                                  "free(): invalid pointer",
                                  epoch,
                                  {{sample_lease(0x10), Fate::running},
                                   {sample_lease(0x20), Fate::over_time_limit}}}},
            {"noted", Noted{9}}};
}

ArchivedTask sample_archived() {
    ArchivedTask task;
    task.id = sample_task_id(0x10);
    task.type = "image.resize";
    task.queue = "default";
    task.dead_reason = DeadReason::poison;
    task.attempts = 3;
    task.options = {Durability::disk,     5,   milliseconds(60'000), milliseconds(500),
                    milliseconds(90'000), true};
    task.created_at = 1'700'000'000'000;
    task.finished_at = 1'700'000'000'900;
    task.error = Error{ErrorCode::crashed, "signal 11"};
    task.retry_id = sample_task_id(0x30);
    task.retried_at = 1'700'000'001'000;
    AttemptReport first;
    first.attempt = 1;
    const AttemptReport last{3,
                             {"host-a", 4242, 1},
                             2,
                             1'700'000'000'500,
                             microseconds(300'000),
                             Error{ErrorCode::crashed, "signal 11"},
                             Death{DeathCause::signalled, 11, 104'857'600, microseconds(1500),
                                   "free(): invalid pointer"}};
    task.reports = {first, last};
    task.body = {bytes("\x93\x01\x02\x03"), bytes("JPEG")};
    return task;
}

std::vector<Sample> make_archive_samples() {
    ArchiveRequest list;
    list.request = 6;
    list.filter = {TaskState::dead, DeadReason::poison, "default",
                   "math.square",   1'700'000'000'000,  true};
    list.cursor = 77;
    list.limit = 1000;
    ArchiveRequest get;
    get.request = 7;
    get.action = ArchiveAction::get;
    get.ids = {sample_task_id(0x10), sample_task_id(0x20)};
    get.retry_ids = {sample_task_id(0x30), sample_task_id(0x40)};
    const Error error{ErrorCode::unavailable, "the archive is damaged"};
    return {{"archive-request-list", list},
            {"archive-request-get", get},
            {"archive-reply", ArchiveReply{7, {}, {sample_archived()}, {sample_task_id(0x20)}, 0}},
            {"archive-reply-error", ArchiveReply{6, error, {}, {}, 0}}};
}

std::vector<Sample> make_backup_samples() {
    const std::string first = "journal/segment-0000000000000001";
    const std::string second = "journal/segment-0000000000000002";
    const Error refused{ErrorCode::unsupported, "tasks are in memory"};
    return {{"backup", Backup{6, {first, 1'048'576}}},
            {"backup-part", BackupPart{6,
                                       {},
                                       {first, 1'048'576},
                                       67'108'864,
                                       bytes("sectors"),
                                       {first, 1'048'583},
                                       {second, 4608}}},
            {"backup-part-refused", BackupPart{7, refused, {}, 0, {}, {}, {}}}};
}

std::vector<Sample> make_memory_samples() {
    const std::vector<SlotLoan> loans = {{5, 300, 1}, {0, 301, 2}};
    return {{"hello-memory", Hello{"gateway", Memory{"domain", "segment", 999, 1}}},
            {"welcome-memory", sample_welcome(std::vector<SlotLoan>{loans[0]})},
            {"slots-free", SlotsFree{loans}},
            {"slots-read", SlotsRead{3}},
            {"no-memory", NoMemory{}}};
}

std::vector<Sample> make_samples() {
    std::vector<Sample> samples;
    for (std::vector<Sample>& part :
         std::vector{make_producer_samples(), make_answers(), make_worker_samples(),
                     make_backup_samples(), make_archive_samples(), make_memory_samples()}) {
        std::move(part.begin(), part.end(), std::back_inserter(samples));
    }
    return samples;
}

}  // namespace

TaskId sample_task_id(std::uint8_t first) {
    TaskId id;
    std::iota(id.bytes.begin(), id.bytes.end(), first);
    return id;
}

const std::vector<Sample>& sample_messages() {
    static const std::vector<Sample> samples = make_samples();
    return samples;
}

}  // namespace penstock::wire_test
