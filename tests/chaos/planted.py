#!/usr/bin/env python3
"""Builds brokers that are broken on purpose, one for each planted/*.patch, and shows that chaos
and its checker catch each of them for what it is.

    planted.py [NAME...]            # all, or those

PENSTOCK_BIN names the folder of the good programs, in a build folder of Ninja.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from world import SOURCE, system

sys.path.insert(0, str(SOURCE / "tests/support"))

from planted_build import CannotBuild, Program  # noqa: E402

PLANTED = pathlib.Path(__file__).parent / "planted"
SECONDS_MAX, ROUND_SECONDS = 240, 15
SKIPPED = 77  # what CTest is told that means


class Trial:
    """A folder of programs like the good ones, but for the broker."""

    def __init__(self, folder):
        self.folder, self.build = folder, system.BIN.parent
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        (folder / "tests").symlink_to(self.build / "tests")
        for program in system.BIN.iterdir():
            if program.name != "penstock-broker":
                (self.programs / program.name).symlink_to(program)

    def build_with(self, patch):
        broker = Program(self.build, "penstock-broker").build_with(patch, self.folder / "broken")
        broker.rename(self.programs / "penstock-broker")

    def verdicts(self, faults):
        """What chaos says of it: the verdicts with their counts, and all of its words."""
        command = [sys.executable, "-B", pathlib.Path(__file__).parent / "run.py", "--seconds",
                   str(SECONDS_MAX), "--round", str(ROUND_SECONDS), "--settle", "15", "--faults",
                   faults]
        answer = subprocess.run(command, capture_output=True, text=True, check=False,
                                env=dict(os.environ, PENSTOCK_BIN=str(self.programs)))
        kept = re.search(r"^everything is in (.+)$", answer.stdout, re.M)
        if kept:
            shutil.rmtree(kept[1])
        found = re.findall(r"^(lost|duplicated|stale-won|phantom|out of order) +([1-9]\d*)$",
                           answer.stdout, re.M)
        return dict(found), answer.stdout + answer.stderr


def main():
    if not sys.argv[1:] and not system.LONG:
        print("each of them is built first; PENSTOCK_TEST_LONG=1 runs this")
        return SKIPPED
    patches = sorted(PLANTED.glob("*.patch"))
    if sys.argv[1:]:
        patches = [PLANTED / f"{name}.patch" for name in sys.argv[1:]]
    return 1 if [patch for patch in patches if not is_caught(patch)] else 0


def is_caught(patch):
    expected, faults = re.match(r"expects: (.+)\nfaults: (.+)\n", patch.read_text()).groups()
    # Always the same folder, so that a compiler cache knows the file again.
    folder = system.BIN.parent / "planted" / patch.stem
    shutil.rmtree(folder, ignore_errors=True)
    trial = Trial(folder)
    try:
        trial.build_with(patch)
    except CannotBuild as error:
        print(f"{patch.stem:24} NOT BUILT: {error}", flush=True)
        return False
    began = time.monotonic()
    found, words = trial.verdicts(faults)
    shutil.rmtree(folder)
    caught = expected in found
    print(f"{patch.stem:24} {'caught' if caught else 'MISSED'} as {expected} in "
          f"{time.monotonic() - began:.0f} s; all verdicts: {found}", flush=True)
    if not caught:
        print(words[-4000:])
    return caught


if __name__ == "__main__":
    sys.exit(main())
