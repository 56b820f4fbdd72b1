#!/usr/bin/python3
"""Does the memory of worker processes reach a plateau?

Sends mixed pictures through a real broker and workers with `penstock image resize`, checks each,
and tells how much more every worker process has resident during the last thousand than during the
second.

Usage: plateau.py [--photos FOLDER] [--count 10000] [--bin build/release/bin] [--json]
"""

import sys

sys.dont_write_bytecode = True  # the folders that it imports from hold sources

import argparse
import hashlib
import itertools
import json
import math
import os
import pathlib
import random
import re
import signal
import statistics
import tempfile
import time

try:
    import numpy
    from PIL import Image, ImageOps
except ModuleNotFoundError as failure:
    sys.exit(f"missing: {failure.name}; run scripts/install-packages --tests")

ROOT = pathlib.Path(__file__).resolve().parents[2]
GROWTH_MAX = 0.05
BATCH = 100  # pictures before the next look
WIDTHS = (800, 320, 1280)
PICTURES = 200  # different ones
PROGRAMS = ("penstock", "penstock-broker", "penstock-worker")
MEGAPIXELS = 0.05, 12  # the smallest and the largest
SLOW_MEGAPIXELS = 3  # the largest PNG and WebP, whose making takes its time
WRONG_BELOW_DB = 25
EXIF_ORIENTATION = 0x0112


def save(picture, place, kind):
    """One way to store a picture; the file's name begins with `place`."""
    turned = Image.Exif()
    turned[EXIF_ORIENTATION] = 6
    ways = {"baseline": ("jpg", {"quality": 90}),
            "progressive": ("jpg", {"quality": 90, "progressive": True}),
            "turned": ("jpg", {"quality": 85, "exif": turned}),
            "grey": ("jpg", {"quality": 90}),
            "png": ("png", {"compress_level": 1}),
            "webp": ("webp", {"quality": 80, "method": 0})}
    suffix, flags = ways[kind]
    if kind == "grey":
        picture = picture.convert("L")
    path = place.with_name(f"{place.name}-{kind}.{suffix}")
    picture.save(path, **flags)
    return path


def make_pictures(photos, folder, chance):
    """The photographs as they are, and variants of them, the same ones each time."""
    sources = sorted(photos.glob("*.jpg"))
    if not sources:
        raise SystemExit(f"there are no JPEG files in {photos}: say --photos FOLDER")
    decoded = [Image.open(source).convert("RGB") for source in sources]
    made = []
    for number, source in enumerate(sources):
        made.append(folder / f"own-{number}.jpg")
        made[-1].write_bytes(source.read_bytes())
    kinds = itertools.cycle(("baseline", "progressive", "turned", "png", "webp", "grey"))
    low, high = (math.log(edge) for edge in MEGAPIXELS)
    for number, kind in zip(range(len(made), PICTURES), kinds):
        picture = chance.choice(decoded)
        most = math.log(SLOW_MEGAPIXELS) if kind in ("png", "webp") else high
        wanted = math.exp(chance.uniform(low, most)) * 1e6
        factor = min(1.0, math.sqrt(wanted / (picture.width * picture.height)))
        size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
        picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2)
        if chance.random() < 0.3:
            picture = picture.transpose(Image.Transpose.ROTATE_90)
        made.append(save(picture, folder / f"{number:03}", kind))
    return made


def decibels(one, other):
    mean = numpy.square(numpy.asarray(one, dtype=float) - numpy.asarray(other, dtype=float)).mean()
    return math.inf if mean == 0 else 10 * math.log10(255 * 255 / mean)


class Check:
    """What each picture became the first time, which it must become each time after."""

    def __init__(self):
        self.known = {}

    def is_right(self, source, result, width):
        try:
            digest = hashlib.blake2b(result.read_bytes()).digest()
            if (source, width) not in self.known:
                if not self.is_picture_of(source, result, width):
                    return False
                self.known[source, width] = digest
            return self.known[source, width] == digest
        except OSError:
            return False

    @staticmethod
    def is_picture_of(source, result, width):
        """Upright, not enlarged, in the photograph's shape, and near to what Pillow makes of it."""
        with Image.open(source) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        with Image.open(result) as picture:
            kind, small = picture.format, picture.convert("RGB")
        wanted = min(width, upright.width)
        exact = upright.height * wanted / upright.width
        if kind != "JPEG" or small.width != wanted or abs(small.height - exact) > 1:
            return False
        return decibels(small, upright.resize(small.size, Image.Resampling.LANCZOS,
                                              reducing_gap=3)) >= WRONG_BELOW_DB


def resident_mib(pid):
    """All of it, and what the process shares with no payload."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    field = {name: int(kb) / 1024 for name, kb in re.findall(r"(\w+):\s+(\d+) kB", text)}
    if "VmRSS" not in field:
        raise ProcessLookupError(pid)  # it has ended, and nobody has collected it yet
    return {"resident": field["VmRSS"], "own": field["VmRSS"] - field["RssShmem"]}


def summary(looks, first):
    """What became of one process: looks are MiB after so many pictures. One look, and the median
    of a few, depend on what was freed within the last ten seconds: growth is between the means of
    all looks at the second `first` pictures and at the last ones."""
    count = looks[-1][0]

    def mean(after, until):
        return statistics.mean(mib for done, mib in looks if after < done <= until)

    early, late = mean(first, 2 * first), mean(count - first, count)
    return {"start_mib": looks[0][1], "highest_mib": max(mib for _, mib in looks),
            "first_mib": next(mib for done, mib in looks if done >= first),
            "last_mib": looks[-1][1],
            "early_mib": early, "late_mib": late, "growth": late / early - 1}


def batches(pictures, count, chance):
    """`count` pictures in handfuls, each time round in another order and at the next width."""
    left = count
    for turn in itertools.count():
        order = chance.sample(pictures, len(pictures))
        for begin in range(0, len(order), BATCH):
            batch = order[begin:begin + min(BATCH, left)]
            left -= len(batch)
            yield batch, WIDTHS[turn % len(WIDTHS)]
            if left == 0:
                return


class Run:
    """Pictures through a system that runs, and what it has in memory after each handful."""

    def __init__(self, running, folder, first):
        self.running, self.folder, self.first = running, folder, first
        self.pids = sorted(row["pid"] for row in running.worker_rows())
        self.check, self.done, self.wrong, self.samples = Check(), 0, 0, []
        self.sample()

    def sample(self):
        pids = [*self.pids, self.running.broker.pid]
        try:
            self.samples.append((self.done, [resident_mib(pid) for pid in pids]))
        except (FileNotFoundError, ProcessLookupError):
            raise SystemExit("a worker process has ended on the way") from None

    def send(self, batch, width):
        answer = self.running.cli(
            "--quiet", "image", "resize", *batch, "--out-dir", self.folder, "--width", width,
            "--overwrite", "--json", timeout=600)
        if not answer.stdout.strip():
            raise SystemExit(f"\npenstock image resize: exit code {answer.returncode}, nothing on "
                             f"stdout: {answer.stderr.strip()}")
        rows = {row["input"]: row for row in json.loads(answer.stdout)}
        for source in batch:
            row = rows.get(str(source)) or {}
            is_right = row.get("state") == "completed" and self.check.is_right(
                source, pathlib.Path(row["output"]), width)
            self.wrong += not is_right
        self.done += len(batch)
        self.sample()

    def report(self):
        """Each worker process, and the broker, which is not judged."""
        rows = []
        for i, name in enumerate([*(f"worker {pid}" for pid in self.pids), "broker"]):
            parts = {part: summary([(done, each[i][part]) for done, each in self.samples],
                                   self.first) for part in ("resident", "own")}
            rows.append({"process": name, "is_judged": name != "broker", **parts})
        return {"pictures": self.done, "wrong": self.wrong, "first": self.first, "runs": 1,
                "rows": rows, "growth_max": GROWTH_MAX,
                "holds": all(row["resident"]["growth"] <= GROWTH_MAX for row in rows
                             if row["is_judged"]),
                "samples_mib": [[done, *(round(one["resident"], 1) for one in each)]
                                for done, each in self.samples]}


def print_report(report):
    first, count = report["first"], report["pictures"]
    columns = {"start": "start", "highest": "highest",
               "first": f"at {first}", "last": f"at {count}",
               "early": f"{first + 1}-{2 * first}", "late": f"{count - first + 1}-{count}"}
    print(f"\n{count} pictures, {report['wrong']} wrong or missing; one run\n"
          "MiB resident (own: without shared payloads); of ranges of pictures the mean of all "
          f"looks\n{'':23}" + "".join(f"{head:>12}" for head in columns.values())
          + f"{'growth':>9}")
    for row in report["rows"]:
        for part in ("resident", "own"):
            print(f"{row['process'] if part == 'resident' else '':14}{part:9}"
                  + "".join(f"{row[part][f'{name}_mib']:12.1f}" for name in columns)
                  + f"{row[part]['growth']:9.1%}")
    print(f"wanted of each worker, resident: at most {report['growth_max']:.0%} more; in this one "
          "run: " + ("holds" if report["holds"] else "missed"))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=pathlib.Path, default=ROOT / "photos")
    parser.add_argument("--count", type=int, default=10_000, help="pictures in all")
    parser.add_argument("--first", type=int, default=1000,
                        help="pictures at the beginning that are not judged, and in each of the "
                             "two ranges that are compared (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="worker processes")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    if options.first < BATCH:
        parser.error(f"--first must be at least {BATCH}: memory is looked at after so many")
    if options.count < 3 * options.first:
        parser.error("--count must be at least three times --first: the first ones, those after "
                     "them and the last ones")
    if options.processes < 1:
        parser.error("--processes must be at least 1")
    options.bin = options.bin.resolve()
    missing = [name for name in PROGRAMS if not (options.bin / name).exists()]
    if missing:
        raise SystemExit(f"no {', '.join(missing)} in {options.bin}: scripts/build release, or "
                         "--bin")
    return options


def measure(options, system, folder):
    chance = random.Random(1)
    pictures_folder, results = folder / "in", folder / "out"
    pictures_folder.mkdir()
    pictures = make_pictures(options.photos.resolve(), pictures_folder, chance)
    begin = time.monotonic()
    with system.System(processes=options.processes, test_handlers=False) as running:
        run = Run(running, results, options.first)
        for batch, width in batches(pictures, options.count, chance):
            run.send(batch, width)
            print(f"\r{run.done} of {options.count}, {run.wrong} wrong", end="", file=sys.stderr,
                  flush=True)
        print(file=sys.stderr)
        if sorted(row["pid"] for row in running.worker_rows()) != run.pids:
            raise SystemExit("a worker process has ended on the way")
        version = running.cli("--version").stdout.strip()
    return run.report() | {"version": version, "seconds": time.monotonic() - begin}


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # what has started is ended
    options = read_options()
    os.environ["PENSTOCK_BIN"] = str(options.bin)
    sys.path.insert(0, str(ROOT / "tests" / "integration"))
    import system  # it reads PENSTOCK_BIN when it is loaded
    with tempfile.TemporaryDirectory(prefix="penstock-plateau-") as folder:
        report = measure(options, system, pathlib.Path(folder))
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print(report["version"])
        print_report(report)
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
