#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "common/process/units.hpp"
#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/doctor/clock.hpp"
#include "producer/cli/doctor/disk.hpp"
#include "producer/cli/doctor/grace.hpp"
#include "producer/cli/doctor/limits.hpp"
#include "producer/cli/doctor/versions.hpp"
#include "producer/cli/program_settings.hpp"

namespace penstock::cli {
namespace {

using doctor::Finding;
using doctor::Findings;
using doctor::Verdict;

constexpr const char* doctor_examples = R"(
$ penstock doctor --data . || true
VERDICT …
…
# for programs
$ penstock doctor --json || true
[{"advice":…}]
)";
constexpr const char* doctor_remarks =
    "Looks at this machine: run it where the broker runs, as its user, and where workers do.\n"
    "fail: a promise cannot be kept. warn: works, and will disappoint. skipped: cannot be seen.\n"
    "Writes and syncs 1 MiB in the data folder, for a second at most, and leaves nothing there.\n"
    "Exit codes: 0 nothing fails, 1 something does.";

struct DoctorOptions {
    std::string data;
};

void describe_doctor(CLI::App& command, DoctorOptions& options) {
    command.add_option("--data", options.data,
                       "The broker's folder (default: what its settings say, or else this one)");
    process::add_examples(command, {doctor_examples, doctor_remarks});
}

// What the doctor has to know of the broker that would be started here.
struct BrokerSettings {
    std::string data;
    std::uint64_t bytes_max = std::uint64_t{4} << 30U;
};

BrokerSettings broker_settings(const Globals& globals) {
    BrokerSettings known;
    const auto settings = ask_for_settings("penstock-broker", globals.config);
    for (const process::Setting& setting : settings.value_or(std::vector<process::Setting>())) {
        const std::string value = setting.values.empty() ? "" : setting.values.front();
        if (setting.key == "data") {
            known.data = value;
        } else if (setting.key == "bytes-max") {
            known.bytes_max = process::parse_size(value).value_or(known.bytes_max);
        }
    }
    return known;
}

// Only who asked for that broker is told that it is ill.
Finding unreachable(const Globals& globals, const Error& error) {
    return {"broker", globals.server_asked ? Verdict::fail : Verdict::skipped, error.message, ""};
}

Findings check_broker(const Globals& globals) {
    // One on this machine answers at once.
    constexpr std::chrono::milliseconds patience{2'000};
    Globals patient = globals;
    patient.timeout = globals.timeout.count() > 0 ? globals.timeout : patience;
    Result<Connected> broker = connect(patient);
    if (!broker) {
        return {unreachable(globals, broker.error())};
    }
    const auto rows = ask_all<protocol::BrokerRow>(broker->client, patient,
                                                   query_for(protocol::QueryKind::broker), 1);
    if (!rows || rows->empty()) {
        return {unreachable(globals, rows ? no_answer(patient) : rows.error())};
    }
    return {doctor::judge_version("broker", broker->terms.version),
            doctor::judge_broker_clock(rows->front().started_at, Instant::read().unix_ms)};
}

void append(Findings& all, Findings more) {
    std::ranges::move(more, std::back_inserter(all));
}

// Programs are asked first: threads start with the client.
Findings examine(const DoctorOptions& options, const Globals& globals) {
    const Instant before = Instant::read();
    Findings all = doctor::check_programs();
    const BrokerSettings broker = broker_settings(globals);
    const std::string& configured = broker.data.empty() ? "." : broker.data;
    append(all, doctor::check_graces(globals.config));
    append(all, doctor::check_disk(options.data.empty() ? configured : options.data));
    append(all, doctor::check_limits(broker.bytes_max));
    all.push_back(doctor::judge_time(before.unix_ms));
    all.push_back(doctor::judge_keeping(doctor::read_keeping()));
    append(all, check_broker(globals));
    all.push_back(doctor::judge_pace(before, Instant::read()));
    return all;
}

void print(const Findings& findings, const Output& output) {
    if (output.json()) {
        Value rows = Value::array();
        for (const Finding& finding : findings) {
            rows.push_back({{"check", finding.check},
                            {"verdict", std::string(doctor::name(finding.verdict))},
                            {"found", finding.found},
                            {"advice", finding.advice}});
        }
        output.value(rows);
        return;
    }
    Table table({{"VERDICT"}, {"CHECK"}, {"FOUND"}});
    for (const Finding& finding : findings) {
        table.add({std::string(doctor::name(finding.verdict)), finding.check, finding.found});
        if (!finding.advice.empty()) {
            table.add({"", "", "-> " + finding.advice});
        }
    }
    output.table(table);
}

int run_doctor(const DoctorOptions& options, const Globals& globals, const Output& output) {
    const Findings findings = examine(options, globals);
    print(findings, output);
    const auto failed = std::ranges::count(findings, Verdict::fail, &Finding::verdict);
    if (failed > 0) {
        output.error(fmt::format("{} of {} checks fail", failed, findings.size()));
    }
    return exit_status(failed > 0 ? ExitCode::error : ExitCode::ok);
}

}  // namespace

void add_doctor(CLI::App& app, Selection& selection) {
    add_command<DoctorOptions>(app, selection, "doctor",
                               "Check whether this machine can keep what Penstock promises",
                               describe_doctor, run_doctor);
}

}  // namespace penstock::cli
