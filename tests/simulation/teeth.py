#!/usr/bin/env python3
"""Shows that the simulator finds bugs: builds it with each planted one, and runs it.

Usage: teeth.py BUILD [--all | --only TEXT] [--steps N]

BUILD is a build folder (Ninja) with penstock-simulate in it. Without --all or --only it tries one
of the bugs that planted/found.txt names, in turn: the next one with each commit; all bugs if
PENSTOCK_TEST_LONG is set. A bug that is not found within N steps (default: 10 million), or a patch
that fits no more, is a failure.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Planted:
    """One patch: what it breaks, and which invariant should tell."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        text = path.read_text(encoding="utf-8")
        self.what, self.expected = re.match(r"(.*): (I\d+)\.\n", text).groups()
        self.files = re.findall(r"^\+\+\+ b/(\S+)", text, re.MULTILINE)


class Builder:
    """Compiles what a patch touches, and links it before the rest of the simulator."""

    def __init__(self, build):
        self.build = build
        entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
        self.commands = {entry["file"]: entry for entry in entries}
        listing = subprocess.run(
            ["ninja", "-C", build, "-t", "commands", "penstock-simulate"],
            check=True, capture_output=True, text=True).stdout
        self.link = listing.strip().splitlines()[-1]

    def simulator_with(self, planted, folder):
        objects = []
        for name in planted.files:
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
        patch = ["patch", "--strip=1", "--quiet", "--no-backup-if-mismatch", "--fuzz=2"]
        with planted.path.open("rb") as text:
            subprocess.run(patch, stdin=text, cwd=folder, check=True)
        for name in planted.files:
            objects.append(self._compile(ROOT / name, folder / name))
        program = folder / "penstock-simulate"
        link = re.sub(r"-o \S*penstock-simulate", "-o " + shlex.join(map(str, [program, *objects])),
                      self.link)
        subprocess.run(link, shell=True, cwd=self.build, check=True)
        return program

    def _compile(self, original, copy):
        entry = self.commands[str(original)]
        target = copy.with_suffix(".o")
        words = shlex.split(entry["command"])
        words[words.index("-o") + 1] = str(target)
        words = [str(copy) if word == str(original) else word for word in words]
        subprocess.run(words, cwd=entry["directory"], check=True)
        return target


def first_violation(output):
    """Of the simulator's words: where it broke, and how."""
    found = re.search(r"^seed (\d+), step (\d+): (.*)$", output, re.MULTILINE)
    return found[3] if found else None


def steps_of(output):
    found = re.search(r"(\d+) steps in", output)
    return int(found[1]) if found else None


def is_found(builder, planted, steps):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="penstock-teeth-") as folder:
        program = builder.simulator_with(planted, pathlib.Path(folder))
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
    names = (HERE / "planted/found.txt").read_text(encoding="utf-8").split()
    known = [bug for bug in all_planted if bug.name in names]
    count = subprocess.run(["git", "-C", ROOT, "rev-list", "--count", "HEAD"],
                           check=False, capture_output=True, text=True).stdout.strip()
    turn = int(count) if count.isdigit() else datetime.date.today().toordinal()
    return [known[turn % len(known)]]


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
    builder = Builder(options.build.resolve())
    found = [is_found(builder, bug, options.steps) for bug in planted]
    print(f"{sum(found)} of {len(found)} planted bugs found")
    return 0 if found and all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
