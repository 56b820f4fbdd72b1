#!/usr/bin/env python3
"""Shows that the simulator finds bugs: builds it with each planted one, and runs it.

Usage: teeth.py BUILD [--all | --only TEXT] [--steps N]

BUILD is a build folder (Ninja) with penstock-simulate in it. Without --all or --only it tries one
of the bugs, in turn: the next one with each commit; all of them if PENSTOCK_TEST_LONG is set. A
bug that is not found within N steps (default: 10 million), or a patch that fits no more, is a
failure.
"""

import argparse
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from planted_build import CannotBuild, Program  # noqa: E402


class Planted:
    """One patch: what it breaks, and which invariant should tell."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        text = path.read_text(encoding="utf-8")
        self.what, self.expected = re.match(r"(.*): (I\d+)\.\n", text).groups()


def first_violation(output):
    """Of the simulator's words: where it broke, and how."""
    found = re.search(r"^seed (\d+), step (\d+): (.*)$", output, re.MULTILINE)
    return found[3] if found else None


def steps_of(output):
    found = re.search(r"(\d+) steps in", output)
    return int(found[1]) if found else None


def is_found(simulator, planted, steps):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="penstock-teeth-") as folder:
        try:
            program = simulator.build_with(planted.path, pathlib.Path(folder))
        except CannotBuild as error:
            print(f"NOT BUILT  {planted.name}: {error}")
            return False
        run = subprocess.run([program, "--steps", str(steps), "--quiet"],
                             check=False, capture_output=True, text=True)
    violation = first_violation(run.stdout)
    took = time.monotonic() - began
    if run.returncode == 0 or violation is None:
        print(f"NOT FOUND  {planted.name}: {planted.what} (should break {planted.expected})")
        return False
    count = steps_of(run.stdout)
    after = f"{count} steps" if count else "an assertion"
    print(f"found      {planted.name}: after {after}, {took:.0f} s: {violation}")
    return True


def next_in_turn(all_planted):
    try:
        count = subprocess.run(["git", "-C", ROOT, "rev-list", "--count", "HEAD"],
                               check=False, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        count = ""  # a copy of the sources on a machine without git
    turn = int(count) if count.isdigit() else datetime.date.today().toordinal()
    return [all_planted[turn % len(all_planted)]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", metavar="TEXT", help="those whose names contain it")
    parser.add_argument("--steps", type=int, default=10_000_000)
    options = parser.parse_args()
    planted = [Planted(path) for path in sorted((HERE / "planted").glob("*.patch"))]
    if options.only:
        planted = [bug for bug in planted if options.only in bug.name]
    elif not options.all and not os.environ.get("PENSTOCK_TEST_LONG"):
        planted = next_in_turn(planted)
    try:
        simulator = Program(options.build, "penstock-simulate")
    except CannotBuild as error:
        sys.exit(f"teeth.py: {error}")
    found = [is_found(simulator, bug, options.steps) for bug in planted]
    print(f"{sum(found)} of {len(found)} planted bugs found")
    return 0 if found and all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
