#!/usr/bin/env python3
"""Reads what a round of chaos has left behind and tells which promises were broken.

    checker.py FOLDER

Prints what it found and exits with 1 if that is anything. The verdicts:

  lost          a task was accepted and has no end, or nobody knows it any more
  duplicated    two outcomes of one task, or two runs under one lease
  stale-won     the outcome of an attempt was recorded although its lease had ended
  phantom       something came of what nobody had submitted, or of other work
  out of order  a worker got a later task of a queue before an earlier one

All times in histories are of one clock. What is said about order and leases needs no clocks: only
the sequence of the journal, the epochs and the numbers of attempts.
"""

import collections
import pathlib
import sys

from evidence import REASONS, STATES, Evidence, value_of

VERDICTS = ("lost", "duplicated", "stale-won", "phantom", "out of order")
DURABLE = ("disk", "replicated")
SHOWN_MAX = 10


class Report:
    def __init__(self):
        self.found = {verdict: [] for verdict in VERDICTS}
        self.counts = collections.Counter()

    def add(self, verdict, task, why):
        self.found[verdict].append(f"{task}: {why}")

    def is_clean(self):
        return not any(self.found.values())

    def __str__(self):
        lines = [f"{count} {name}" for name, count in self.counts.items()]
        for verdict, found in self.found.items():
            lines.append(f"{len(found)} {verdict}")
            lines += [f"    {one}" for one in found[:SHOWN_MAX]]
            if len(found) > SHOWN_MAX:
                lines.append(f"    and {len(found) - SHOWN_MAX} more")
        return "\n".join(lines)


def check(evidence):
    report = Report()
    count(evidence, report)
    for rule in (check_lost, check_one_outcome, check_one_run_per_lease, check_leases,
                 check_submitted, check_own_work, check_order):
        rule(evidence, report)
    return report


def count(evidence, report):
    tasks = evidence.told.values()
    report.counts["submitted"] = sum(any(one.submit for one in told) for told in tasks)
    report.counts["accepted"] = sum(any(one.receipts for one in told) for told in tasks)
    for told in tasks:
        for line in (line for one in told for line in one.errors if not one.receipts):
            report.counts[f"refused ({line['error']})"] += 1
    ended = [stored.ends[-1][2] for stored in evidence.stored.values() if stored.ends]
    report.counts["ended"] = len(ended)
    for row in ended:
        if STATES[row.state] != "completed":
            reason = REASONS[row.dead_reason]
            report.counts[STATES[row.state] + (f" ({reason})" if row.dead_reason else "")] += 1
    report.counts["runs"] = len(evidence.runs)
    report.counts["lives of the broker"] = len(evidence.lives)


def check_lost(evidence, report):
    """What was accepted is known and ends, and who asks is told."""
    for task, told in evidence.told.items():
        receipts = [line for one in told for line in one.receipts]
        if any(line["level"] not in DURABLE for line in receipts):
            report.add("lost", task, "accepted, but at a level below the one asked for")
        if not receipts:
            continue
        if task not in evidence.stored:
            report.add("lost", task, f"accepted (epoch {receipts[0]['epoch']}), not in the store")
        for one in told:
            for line in one.errors:
                report.add("lost", task, f"accepted, but {one.client} was told {line['error']}")
        if not any(one.ends or one.errors for one in told):
            report.add("lost", task, "accepted, but nobody was ever told its end")
    for task, stored in evidence.stored.items():
        if stored.accepted and not has_ended(stored):
            report.add("lost", task, "in the store, and has no end")


def has_ended(stored):
    return bool(stored.ends) and stored.ends[-1][1] == len(stored.accepted) - 1


def outcome_of(row):
    """An end in the store, in the form in which clients note it."""
    value = value_of(row)
    return (STATES[row.state], REASONS[row.dead_reason], row.attempts,
            value["run"] if value else None)


def outcome_told(line):
    return (line["state"], line["reason"], line["attempts"],
            line["value"]["run"] if line["value"] else None)


def check_one_outcome(evidence, report):
    """One end in the store, and everybody was told that one."""
    for task, stored in evidence.stored.items():
        of_acceptance = collections.Counter(which for _, which, _ in stored.ends)
        if any(count > 1 for count in of_acceptance.values()):
            report.add("duplicated", task, "ended twice in the store")
        outcomes = {outcome_of(row) for *_, row in stored.ends}
        told = {outcome_told(line) for one in evidence.told.get(task, ()) for line in one.ends}
        # What a completed task gave is kept for a while only; without it, it says nothing here.
        outcomes, told = ({one for one in many if one[0] != "completed" or one[3]}
                          for many in (outcomes, told))
        if len(outcomes | told) > 1:
            report.add("duplicated", task, f"in the store {sorted(map(str, outcomes))}, "
                                           f"told {sorted(map(str, told))}")


def check_one_run_per_lease(evidence, report):
    for task, starts in evidence.starts_by_task().items():
        leases = collections.Counter((start["epoch"], start["attempt"]) for start in starts)
        for lease, runs in leases.items():
            if runs > 1:
                report.add("duplicated", task, f"lease {lease} ran {runs} times")


def check_leases(evidence, report):
    """The outcome is of the last attempt that was given in the life that recorded it."""
    starts = evidence.starts_by_task()
    for task, stored in evidence.stored.items():
        if not stored.ends:
            continue
        epoch, which, row = stored.ends[0]
        if which > 0 or evidence.is_trimmed:  # it may have been written again in a later life
            epoch = None if evidence.clock_jumped else evidence.epoch_at(row.finished_at)
        value = value_of(row)
        start = evidence.runs.get(value["run"]) if value else None
        if start is None:
            continue
        lease = f"the outcome of attempt {start['attempt']} of epoch {start['epoch']}"
        if start["attempt"] != row.attempts:
            report.add("stale-won", task, f"{lease} was recorded as that of {row.attempts}")
        if epoch is not None and start["epoch"] != epoch:
            report.add("stale-won", task, f"{lease} was recorded in epoch {epoch}")
        later = [other["attempt"] for other in starts[task]
                 if other["epoch"] == start["epoch"] and other["attempt"] > start["attempt"]]
        if later:
            report.add("stale-won", task, f"{lease} was recorded after attempt {max(later)} began")


def check_submitted(evidence, report):
    """Nothing is known, ran or was told that nobody submitted."""
    submitted = {task for task, told in evidence.told.items() if any(one.submit for one in told)}
    for task in evidence.told.keys() - submitted:
        report.add("phantom", task, "told of, but never submitted")
    for task in evidence.stored.keys() - submitted:
        report.add("phantom", task, "in the store, but never submitted")
    for task in {start["id"] for start in evidence.runs.values()} - submitted:
        report.add("phantom", task, "ran, but was never submitted")
    for task, stored in evidence.stored.items():
        if stored.ends and not stored.accepted and not evidence.is_trimmed:
            report.add("phantom", task, "ended in the store without having been accepted there")


def check_own_work(evidence, report):
    """What came out belongs to what was put in."""
    for task, told in evidence.told.items():
        submit = next((one.submit for one in told if one.submit), None)
        if submit is None:
            continue
        values = [line["value"] for one in told for line in one.ends]
        if task in evidence.stored:
            values += [value_of(row) for *_, row in evidence.stored[task].ends]
        for value in values:
            if value is None:
                continue
            start = evidence.runs.get(value["run"])
            if start is None or start["id"] != task or value["n"] != submit["args"]["n"]:
                report.add("phantom", task, f"has the outcome of other work: {value}")
                break
            if value["bytes"] != submit["bytes"] and "mb" not in submit["args"]:
                report.add("phantom", task, f"was run with other bytes: {value['bytes']} of "
                           f"{submit['bytes']} were its own")
                break
        if any(line.get("wrong") for one in told for line in one.ends):
            report.add("phantom", task, "was given the bytes of another result")


def check_order(evidence, report):
    """A process with one slot for computing starts the first attempts of a queue in the order of
    their tickets. (Later attempts are of tasks that came back, each to its own place.)"""
    started = collections.defaultdict(list)
    for start in sorted(evidence.runs.values(), key=lambda line: line["t"]):
        stored = evidence.stored.get(start["id"])
        first = stored.accepted[0] if stored and stored.accepted else None
        # One that the broker forgot with an unsynced batch had another ticket then.
        if start["attempt"] == 1 and first and first[0] <= start["epoch"]:
            row = first[1]
            if row.type == "chaos.work":
                started[start["epoch"], start["pid"], row.queue].append((row.ticket, start["id"]))
    for (epoch, pid, queue), tickets in started.items():
        for (before, _), (ticket, task) in zip(tickets, tickets[1:]):
            if ticket < before:
                report.add("out of order", task, f"ticket {ticket} of {queue} started in process "
                                                 f"{pid} (epoch {epoch}) after ticket {before}")


def main():
    report = check(Evidence.of(pathlib.Path(sys.argv[1])))
    print(report)
    return 0 if report.is_clean() else 1


if __name__ == "__main__":
    sys.exit(main())
