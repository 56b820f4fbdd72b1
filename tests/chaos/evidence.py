"""What a round of chaos has left behind: what clients noted, what ran, and the store.

    evidence = Evidence.of(folder)   # histories/*.jsonl, runs/*.jsonl, data/journal, round.json

The forms of these files are in README.md. Nothing here or in checker.py comes from the load.
"""

import collections
import dataclasses
import json
import math
import uuid

import msgpack

import journal_reader

STATES = " scheduled queued active retrying blocked completed dead cancelled expired".split(" ")
REASONS = "none attempts_exhausted poison rejected time_limit no_handler parent_failed".split()


@dataclasses.dataclass
class Told:
    """What one client noted about one task."""

    client: str
    submit: dict | None = None
    receipts: list = dataclasses.field(default_factory=list)
    ends: list = dataclasses.field(default_factory=list)
    errors: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Life:
    """One life of the broker, as the journal has it."""

    epoch: int
    began_ms: float  # infinite if the journal has lost it


@dataclasses.dataclass
class Stored:
    """One task as the journal has it. Times the task was accepted: more than once if it was written
    again, or if it was submitted anew after its end had been forgotten."""

    accepted: list = dataclasses.field(default_factory=list)  # (epoch of the life, record)
    ends: list = dataclasses.field(default_factory=list)  # (epoch, index of acceptance, record)


@dataclasses.dataclass
class Evidence:
    told: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    runs: dict = dataclasses.field(default_factory=dict)  # name of the run -> its start
    stored: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(Stored))
    lives: list = dataclasses.field(default_factory=list)
    is_trimmed: bool = False
    clock_jumped: bool = False

    @staticmethod
    def of(folder):
        evidence = Evidence()
        for path in sorted((folder / "histories").glob("*.jsonl")):
            evidence.read_history(path.stem, lines_of(path))
        for path in sorted((folder / "runs").glob("*.jsonl")):
            evidence.read_runs(lines_of(path))
        about = json.loads((folder / "round.json").read_text())
        evidence.clock_jumped = about["clock_jumped"]
        reader = journal_reader.Reader(folder / "data/journal")
        evidence.is_trimmed = reader.is_trimmed
        if reader.is_trimmed:
            evidence.lives.append(Life(reader.segments[0].start.epoch, math.inf))
        evidence.read_store(reader)
        return evidence

    def read_history(self, client, lines):
        told = {}
        for line in lines:
            one = told.setdefault(line["id"], Told(client))
            if line["e"] == "submit":
                one.submit = line
            elif line["e"] in ("receipt", "end", "error"):
                getattr(one, line["e"] + "s").append(line)
        for task, one in told.items():
            self.told[task].append(one)

    def read_runs(self, lines):
        for line in lines:
            if line["e"] == "start":
                self.runs[line["run"]] = line

    def read_store(self, records):
        for kind, _sequence, row in records:
            if kind == journal_reader.LIFE:
                self.lives.append(Life(row.epoch, row.time))
                continue
            if kind == journal_reader.FORGOTTEN:
                continue  # of many tasks, and nothing new of any
            epoch = self.lives[-1].epoch
            task = str(uuid.UUID(bytes=row.id))
            if kind == journal_reader.ACCEPTED:
                self.stored[task].accepted.append((epoch, row))
            elif kind == journal_reader.FINISHED:
                one = self.stored[task]
                one.ends.append((epoch, len(one.accepted) - 1, row))

    def epoch_at(self, unix_ms):
        """The epoch of the life in which the broker's wall clock showed that time, or None."""
        begun = [life.epoch for life in self.lives if life.began_ms <= unix_ms]
        return begun[-1] if begun else None

    def starts_by_task(self):
        found = collections.defaultdict(list)
        for start in self.runs.values():
            found[start["id"]].append(start)
        return found


def lines_of(path):
    """The whole lines of a file; the last may have been cut by a kill."""
    text = path.read_bytes()
    return [json.loads(line) for line in text[:text.rfind(b"\n") + 1].splitlines()]


def value_of(row):
    """The value that a finished task gave, None if there is none (any more)."""
    return msgpack.unpackb(row.args, strict_map_key=False) if row.args else None
