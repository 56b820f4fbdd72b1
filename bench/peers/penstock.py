"""Penstock's own figures, from penstock-bench: one pair for each round.

Each call starts a broker and two worker processes and has them finish a million tasks first, as
a broker in use has. The body has 100 bytes too, and test.echo gives it back; answers are checked.
"""

import dataclasses
import json
import os
import subprocess
import tempfile

WORKLOADS = {"memory": ("memory", "latency"), "disk": ("disk",)}
PATIENCE_S = 600


@dataclasses.dataclass(frozen=True)
class Setting:
    """How many tasks are on their way, and how many of them are submitted with one call."""

    window: int
    per_call: int

    def __str__(self):
        return f"{self.window} by {self.per_call}"


@dataclasses.dataclass(frozen=True)
class Turn:
    """What one call of penstock-bench has measured."""

    rates: dict  # of settings
    p50_us: float
    p99_us: float | None
    right: int
    wrong: int
    version: str


def bench_report(command, patience_s):
    """What penstock-bench tells with --json. Its files are in a folder that goes with it, whose
    name is short: sockets lie in it. Should it be killed, so is what it has started."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                                  env=dict(os.environ, TMPDIR=folder), timeout=patience_s,
                                  check=False)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"penstock-bench has not finished in {patience_s:.0f} s") from None
    if not done.stdout:
        said = "\n  ".join(done.stderr.splitlines()[-5:])
        raise SystemExit(f"penstock-bench: exit code {done.returncode}\n  {said}")
    return json.loads(done.stdout)


class Penstock:
    """penstock-bench with its broker in memory or with a synced journal on disk."""

    def __init__(self, binaries, mode, seconds, finished):
        self.mode = mode
        self.command = [binaries / "penstock-bench", *WORKLOADS[mode], "--pairs", "1", "--seconds",
                        str(seconds), "--finished", str(finished), "--json", "--windows"]

    def run(self, windows):
        report = bench_report([*self.command, *windows], PATIENCE_S)
        rates = {Setting(row["window"], row["tasks_per_call"]): row["tasks_per_s"]
                 for row in report[self.mode]}
        answers = report["answers"]
        return Turn(rates, *times_of(report, self.mode), answers["right"],
                    answers["wrong_or_missing"], report["version"])


def times_of(report, mode):
    """p50 and p99 of one task after another; penstock-bench tells no p99 of those on disk."""
    if mode == "disk":
        return report["disk_wait"][0]["disk_p50_us"], None
    return report["latency"][0]["p50_us"], report["latency"][0]["p99_us"]
