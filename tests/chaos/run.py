#!/usr/bin/env python3
"""Chaos: real processes under load, killed, stopped and starved, and a checker of what remains.

    run.py                          # a minute of all faults (two minutes at most), as CI does
    run.py --kills 1000             # as long as it takes
    run.py --seconds 600 --faults stop,sync --seed 7

PENSTOCK_BIN names the folder of the programs to try. A run that fails keeps its folder.
"""

import argparse
import bisect
import collections
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import capabilities
import checker
import faults
from evidence import Evidence, lines_of
from world import Failed, World, check_runs, system

KILLS_PER_ROUND = 100
SMALL_DISK_BYTES = 320 << 20
# There: tasks that fill it, and what else happens.
FULL_DISK_LOAD = {"payload_every": 3}
ON_SMALL_DISK = ("full_disk", "kill_broker", "kill_process", "restart_broker")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, help="go on until so many processes were killed")
    parser.add_argument("--seconds", type=float, help="of faults, in all rounds (default 40)")
    parser.add_argument("--seed", type=int, help="decides which faults come, and roughly when")
    groups = sorted({fault.group for fault in faults.FAULTS.values()})
    parser.add_argument("--faults", help="only these, of " + ", ".join(groups) + " (kinds) and " +
                        ", ".join(faults.FAULTS))
    parser.add_argument("--long", action="store_true",
                        help="1,000 kills, then 10 minutes of all faults")
    parser.add_argument("--rate", type=int, help="tasks a second of each producer")
    parser.add_argument("--settle", type=float, default=60, metavar="SECONDS",
                        help="by then all tasks must have ended after the last fault")
    parser.add_argument("--round", type=float, default=40, metavar="SECONDS",
                        help="of faults in one round, after which the checker is asked")
    parser.add_argument("--keep", action="store_true", help="keep the folder in any case")
    return parser.parse_args()


def chosen_faults(text):
    words = set(text.split(",")) if text else {fault.group for fault in faults.FAULTS.values()}
    chosen = {name: fault for name, fault in faults.FAULTS.items()
              if name in words or fault.group in words}
    unknown = words - set(chosen) - {fault.group for fault in chosen.values()}
    if unknown:
        sys.exit(f"run.py: no such faults: {', '.join(sorted(unknown))}; see --help")
    return chosen


class Run:
    """All rounds, and the sums over them."""

    def __init__(self, arguments):
        self.seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
        self.random = random.Random(self.seed)
        self.faults = chosen_faults(arguments.faults)
        self.arguments = arguments
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="penstock-chaos-"))
        self.injected, self.counts = collections.Counter(), collections.Counter()
        self.found, self.skipped = collections.Counter(), {}
        self.kills, self.rounds, self.slowest, self.failures = 0, 0, 0.0, []

    def skip_what_cannot_be(self):
        if "memory_kill" in self.faults:
            self.skip("memory_kill", capabilities.lack_of_memory_group())
        if "full_disk" in self.faults:
            probe = self.folder / "probe"
            probe.mkdir()
            why = capabilities.mount_small_disk(probe, 1 << 20)
            if why is None:
                capabilities.unmount(probe)
            self.skip("full_disk", why)

    def skip(self, name, why):
        if why is not None:
            self.skipped[name] = why
            del self.faults[name]

    def do_kills(self, kills):
        some = {name: fault for name, fault in self.faults.items() if fault.group != "disk"}
        if not any(fault.kills for fault in some.values()):
            sys.exit("run.py: --kills needs faults that kill")
        end = self.kills + kills
        while self.kills < end and not self.failures:
            goal = min(end, self.kills + KILLS_PER_ROUND)
            self.do_round(lambda _began, goal=goal: self.kills >= goal, some)

    def do_seconds(self, seconds):
        """The disk is small in rounds of their own: what is tried there wants other tasks."""
        usual = {name: fault for name, fault in self.faults.items() if fault.group != "disk"}
        small = {name: fault for name, fault in self.faults.items() if name in ON_SMALL_DISK}
        shares = [usual] if usual else []
        shares += [small] if "full_disk" in small else []
        for some in shares:
            left = seconds / len(shares)
            while left > 0 and not self.failures:
                length = min(left, self.arguments.round)
                left -= length
                self.do_round(lambda began, length=length: time.monotonic() - began > length, some)

    def do_round(self, is_over, some):
        self.rounds += 1
        folder = self.folder / f"round-{self.rounds}"
        folder.mkdir()
        is_small = "full_disk" in some
        load = dict(FULL_DISK_LOAD if is_small else {})
        if self.arguments.rate:
            load["rate"] = self.arguments.rate
        world = World(folder, self.random.getrandbits(32), load,
                      "tcp" if self.rounds % 3 == 2 else "ipc")
        if is_small:
            capabilities.mount_small_disk(folder / "data", SMALL_DISK_BYTES)
        try:
            self.harm(world, is_over, some)
            self.judge(folder)
        except Failed as failure:
            self.failures.append(f"round {self.rounds}: {failure}")
        except Exception:  # whatever it is, the folder is wanted
            self.failures.append(f"round {self.rounds}: {traceback.format_exc()}")
        finally:
            world.close()
            self.put_away(folder, is_small)

    def harm(self, world, is_over, some):
        try:
            world.start()
            began = time.monotonic()
            while not is_over(began):
                world.pause(0.05, 0.7)
                world.check_alive()
                name = self.draw(world, some)
                world.note("fault", kind=name)
                some[name].act(world)
                world.note("healed", kind=name)
                self.injected[name] += 1
                self.kills += some[name].kills
            self.settle(world)
        finally:
            world.close()

    def draw(self, world, some):
        """Each kind once, then by their weights."""
        names = [name for name in some if not self.injected[name]]
        if names:
            return world.random.choice(names)
        return world.random.choices(list(some), [fault.weight for fault in some.values()])[0]

    def settle(self, world):
        if not world.settle(self.arguments.settle):
            print("not all tasks have ended; the checker tells which", flush=True)
        check_runs(world.broker)
        seconds = self.arguments.settle * system.PATIENCE
        audit = [sys.executable, "-B", pathlib.Path(__file__).parent / "audit.py", world.frontend,
                 world.folder, str(seconds)]
        subprocess.run(audit, timeout=20 * seconds, check=True)

    def judge(self, folder):
        report = checker.check(Evidence.of(folder))
        self.counts.update(report.counts)
        self.found.update({verdict: len(found) for verdict, found in report.found.items()})
        self.slowest = max(self.slowest, slowest_recovery(folder))
        if not report.is_clean():
            raise Failed(f"broken promises\n{report}")

    def put_away(self, folder, is_small):
        kept = bool(self.failures) or self.arguments.keep
        if kept and is_small:
            shutil.copytree(folder / "data", folder / "data-kept",
                            ignore=shutil.ignore_patterns("filler"))
        if is_small:
            capabilities.unmount(folder / "data")
        if kept and is_small:
            (folder / "data").rmdir()
            (folder / "data-kept").rename(folder / "data")
        if not kept:
            shutil.rmtree(folder)

    def print_table(self):
        rows = [("seed", self.seed), ("rounds", self.rounds)]
        rows += [(name, self.injected[name]) for name in self.faults]
        rows += [(name, f"SKIPPED: {why}") for name, why in self.skipped.items()]
        rows += [("kills in all", self.kills), ("", "")]
        rows += [(f"tasks {name}" if name in ("submitted", "accepted", "ended") else name, count)
                 for name, count in self.counts.items()]
        rows += [(verdict, self.found[verdict]) for verdict in checker.VERDICTS]
        rows += [("slowest recovery", f"{self.slowest:.2f} s")]
        for name, value in rows:
            print(f"{name:28} {value}" if name else "")


def slowest_recovery(folder):
    """The longest time from the end of a fault to the next end of a task that a client was told."""
    told = sorted(line["t"] for path in folder.glob("histories/client-*.jsonl")
                  for line in lines_of(path) if line["e"] == "end")
    waits = []
    for line in lines_of(folder / "events.jsonl"):
        place = bisect.bisect_left(told, line["t"])
        if line["e"] == "healed" and place < len(told):
            waits.append(told[place] - line["t"])
    return max(waits, default=0.0)


def main():
    arguments = parse_arguments()
    capabilities.enter_namespace()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run = Run(arguments)
    print(f"seed {run.seed}", flush=True)
    run.skip_what_cannot_be()
    if arguments.kills:
        run.do_kills(arguments.kills)
    if arguments.seconds:
        run.do_seconds(arguments.seconds)
    if not arguments.kills and not arguments.seconds:
        if arguments.long or system.LONG:
            run.do_kills(1000)
        run.do_seconds(600 if arguments.long or system.LONG else 40)
    run.print_table()
    for failure in run.failures:
        print(f"FAILED: {failure}\neverything is in {run.folder}")
    if not run.failures and not arguments.keep:
        shutil.rmtree(run.folder)
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
