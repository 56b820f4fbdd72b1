#!/usr/bin/env python3
"""Builds brokers that are broken on purpose, one for each planted/*.patch, and shows that chaos
and its checker catch each of them for what it is.

    planted.py [NAME...]            # all, or those

PENSTOCK_BIN names the folder of the good programs, in a build folder of Ninja. A patch changes one
source file, so a broken broker is that file compiled anew, and linked in front of the good rest.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from world import SOURCE, system

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
        """Patches a copy, compiles it as the build folder would, and links."""
        path = re.search(r"^\+\+\+ b/(\S+)$", patch.read_text(), re.M)[1]
        copy = self.folder / pathlib.Path(path).name
        shutil.copy(SOURCE / path, copy)
        run(["patch", "-s", copy, patch], self.build)
        commands = json.loads((self.build / "compile_commands.json").read_text())
        command = next(one["command"] for one in commands if one["file"] == str(SOURCE / path))
        broken = self.folder / "broken.o"
        run(re.sub(r"-o \S+ -c \S+$", f"-o {broken} -c {copy}", command), self.build)
        link = run(["ninja", "-t", "commands", "penstock-broker"], self.build).splitlines()[-1]
        link = link.replace("-o bin/penstock-broker",
                            f"{broken} -o {self.programs}/penstock-broker")
        run(link, self.build)

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


def run(command, folder):
    answer = subprocess.run(command, cwd=folder, shell=isinstance(command, str), check=False,
                            capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"planted.py: {command}:\n{answer.stdout[-4000:]}{answer.stderr[-4000:]}")
    return answer.stdout


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
    trial.build_with(patch)
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
