#!/usr/bin/python3
"""How does Penstock's image engine compare with sharp, at its best setting?

Both run in turns in process on the same cores and photographs, every picture is checked, and so are
sizes and PSNR. Then the whole system: against its own engine, one picture at a time against Express
with sharp, and the memory that pictures take.

Usage: compare.py --install; compare.py [--bin build/release/bin] [--photos FOLDER] [--json]
"""

import sys

sys.dont_write_bytecode = True  # this folder holds sources

import argparse
import contextlib
import json
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # what all comparisons have in common

import install
import intervals
import pairs
import report
import script

try:
    import photo_sets
    import quality
    import sides
except ModuleNotFoundError as failure:
    sys.exit(f"missing: {failure.name}; run scripts/install-packages --tests")

ROOT = HERE.parents[2]
PARTS = ("engine", "system", "idle", "memory")
TOOLS = {"jpegtran": "libjpeg-turbo-progs", "node": "nodejs", "npm": "npm"}  # and their packages
WIDTH, QUALITY = 800, 80  # what image.resize does when it is told nothing
# Of sharp's own default, and of what is quicker: the Huffman tables that Penstock writes, too.
SHARP_SETTINGS = {"sharp": True, "sharp, standard tables": False}
ENGINE_MIN, DECIBELS_MIN, SYSTEM_MIN, IDLE_MAX, MEMORY_MAX_MIB = 1.2, -0.2, 0.95, 0.75, 20


def modules_in(build):
    """The folder with node_modules in it: sharp, and what the clustered server needs."""
    return build / "sharp"


def install_all(build):
    """The tools from the distribution if they are missing, sharp and Express from npm."""
    install.install_debian([package for tool, package in TOOLS.items() if not shutil.which(tool)])
    install.prepare_build(build)
    install.install_npm(HERE, modules_in(build))


def tell(text):
    print(text, file=sys.stderr, flush=True)


class Comparison:
    """One run: what was measured so far, and how much of it was wrong."""

    def __init__(self, options, folder, whole):
        self.options, self.folder, self.whole = options, folder, whole
        self.report = {"versions": {}, "ratios": [], "quality": [], "limits": [],
                       "others_cores": [], "right": 0, "wrong": 0}

    def ratio(self, figure, photo_set, comparison, sign=None, limit=None):
        """A row; without a sign it is told and not judged."""
        bound = {">=": "at_least", "<=": "at_most"}.get(sign)
        verdict = ""
        if bound:
            low, high = comparison["low"], comparison["high"]
            verdict = intervals.verdict(None if low is None else (low, high), comparison["pairs"],
                                        **{bound: limit})
        self.report["ratios"].append(
            {"figure": figure, "photographs": str(photo_set), **comparison,
             "wanted": f"{sign} {limit}" if bound else None, "verdict": verdict})

    def limit(self, figure, photo_set, value, wanted, is_held):
        """A row; without `wanted` it is told and not judged."""
        verdict = ("holds" if is_held else "missed") if wanted else ""
        self.report["limits"].append({"figure": figure, "photographs": str(photo_set),
                                      "penstock": value, "wanted": wanted, "verdict": verdict})

    def resize(self, sets):
        """What the whole system makes of all photographs; in process must come out the same."""
        with self.whole.penstock(self.options.bin) as server:
            for one in sets:
                self.whole.resize(self.options.bin, server, one.folder, self.ours(one), WIDTH,
                                  QUALITY)

    def ours(self, photo_set):
        return self.folder / f"ours-{photo_set.folder.name}"

    def engine(self, photo_set):
        """Engine and sharp in turns, after their pictures have been looked at."""
        ours = self.ours(photo_set)
        right = [ours / photo.name for photo in photo_set.paths]
        place = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        with sides.Engine(self.options.bin / "penstock-bench", photo_set.paths, right, place,
                          self.options.cores) as engine, \
             sides.Sharp(modules_in(self.options.build), photo_set.folder, WIDTH, QUALITY) as sharp:
            for name, optimise in SHARP_SETTINGS.items():
                theirs = self.folder / f"{name}-{photo_set.folder.name}"
                theirs.mkdir()
                self.report["versions"] |= sharp.write(theirs, optimise)
                self.judge(photo_set, ours, theirs, is_told=optimise)
            sides_of_turns = {"Penstock": engine.turn} | {
                name: lambda seconds, optimise=optimise: sharp.turn(seconds, optimise)
                for name, optimise in SHARP_SETTINGS.items()}
            taken = self.in_turns(photo_set, sides_of_turns)
        self.compare_engines(photo_set, taken)

    def judge(self, photo_set, ours, theirs, is_told):
        """Sizes and PSNR of both sides' pictures. The setting changes no pixel: told once."""
        rows = [{"photographs": str(photo_set),
                 **quality.judge(photo, ours / photo.name, theirs / photo.name, WIDTH, QUALITY)}
                for photo in photo_set.paths]
        wrong = [row for row in rows if row["wrong"]]
        self.report["wrong"] += len(wrong)
        if not is_told:
            self.report["quality"] += wrong
            return
        self.report["quality"] += rows
        differences = [row["difference"] for row in rows if "difference" in row]
        if differences:
            worst = min(differences)
            is_judged = photo_set.coding == "baseline"
            self.limit("dB above sharp, worst photo", photo_set, worst,
                       f">= {DECIBELS_MIN}" if is_judged else None, worst >= DECIBELS_MIN)

    def in_turns(self, photo_set, turns):
        """The turns of each side, one in each round; another side begins each time."""
        names = list(turns)
        taken = {name: [] for name in names}
        for number in range(-1, self.options.pairs):  # the first warms up
            first = number % len(names)
            for name in names[first:] + names[:first]:
                turn = turns[name](self.options.seconds)
                self.report["right"] += turn.right
                self.report["wrong"] += turn.wrong
                if not turn.right:
                    raise SystemExit(f"{photo_set}: {name} makes nothing that is right "
                                     f"({turn.wrong} wrong): no figures")
                if number >= 0:
                    taken[name].append(turn)
                    self.report["others_cores"].append(round(turn.others, 3))
        return taken

    def compare_engines(self, photo_set, taken):
        """Judged against the quicker setting of sharp, and only for baseline photographs. What a
        picture takes of a core is told besides: others on the machine disturb that less."""
        def compare(name, figure):
            return pairs.compare(*([getattr(turn, figure) for turn in taken[side]]
                                   for side in ("Penstock", name)))
        rows = {name: compare(name, "per_second") for name in SHARP_SETTINGS}
        quicker = max(rows, key=lambda name: rows[name]["other"])
        for name, row in rows.items():
            is_judged = name == quicker and photo_set.coding == "baseline"
            wanted = (">=", ENGINE_MIN) if is_judged else ()
            self.ratio(f"images/s in process, to {name}", photo_set, row, *wanted)
            self.ratio(f"CPU ms of a picture, to {name}", photo_set, compare(name, "cpu_ms"))

    def system(self, photo_set):
        row, wrong = self.whole.against_its_engine(self.options.bin, photo_set, self.options.pairs,
                                                   self.options.seconds)
        self.report["wrong"] += wrong
        self.ratio("images/s, system to engine", photo_set, row, ">=", SYSTEM_MIN)

    def idle(self, photo_set):
        servers = self.whole.penstock(self.options.bin), self.whole.plain(
            modules_in(self.options.build), pathlib.Path(tempfile.mkdtemp(dir=self.folder)))
        row, wrong = self.whole.one_at_a_time(servers, photo_set, self.options.pairs,
                                              self.options.seconds)
        self.report["wrong"] += wrong
        self.ratio("p50 ms of one, to Express + sharp", photo_set, row, "<=", IDLE_MAX)

    def memory(self, photo_set):
        added, wrong = self.whole.memory_added(self.whole.penstock(self.options.bin), photo_set,
                                               5 * self.options.seconds)
        self.report["wrong"] += wrong
        wanted = f"< {MEMORY_MAX_MIB}" if photo_set.coding == "baseline" else None
        self.limit("MiB added to a worker, highest", photo_set, added["highest"], wanted,
                   added["highest"] < MEMORY_MAX_MIB)
        self.limit("MiB added to a worker, kept", photo_set, added["kept"], None, True)
        self.limit("MiB of a worker before", photo_set, added["before"], None, True)

    def run(self, sets):
        if "engine" in self.options.parts:
            self.resize(sets)
        for photo_set in sets:
            for part in self.options.parts:
                # Progressive ones are told apart, where they differ: what the coding costs.
                if photo_set.coding == "baseline" or part in ("engine", "memory"):
                    tell(f"{photo_set}: {part} ({len(photo_set.paths)} photographs)")
                    getattr(self, part)(photo_set)


def text_of(*command):
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return (answer.stdout + answer.stderr).splitlines()[0]


def cpu():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")),
                platform.machine())


def versions(options):
    """Also of what a run without sharp in process has used."""
    program = "const s = require('sharp'); console.log(JSON.stringify(s.versions))"
    found = subprocess.check_output(["node", "-e", program], cwd=modules_in(options.build))
    return json.loads(found) | {
        "node": text_of("node", "--version").lstrip("v"),
        "jpegtran": text_of("jpegtran", "-version"),
        "penstock": text_of(options.bin / "penstock", "--version")}


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="install what it needs, and leave")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--photos", type=pathlib.Path, default=ROOT / "photos",
                        help="JPEG files; sets of both sizes are derived from them")
    parser.add_argument("--megapixels", type=float, nargs="+", default=[12, 2])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--pairs", type=script.at_least_one, default=intervals.ROUNDS_MIN,
                        help="10 or more for a claim")
    parser.add_argument("--seconds", type=float, default=2, help="of each turn")
    parser.add_argument("--cores", type=script.at_least_one, default=2,
                        help="that all of it runs on")
    script.add_build(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    options = parser.parse_args()
    for name in ("bin", "photos"):
        setattr(options, name, getattr(options, name).resolve())
    return options


def refuse_what_is_missing(options):
    missing = [*install.missing_node(),
               *(tool for tool in ["jpegtran"] if not shutil.which(tool))]
    if not (modules_in(options.build) / "node_modules" / "sharp").exists():
        missing.append(f"sharp in {modules_in(options.build)}")
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)}: say --install once")
    if not (options.bin / "penstock-bench").exists():
        raise SystemExit(f"there are no programs in {options.bin}: scripts/build release")


def use_cores(count):
    """Whatever is started from here on runs on as many, and believes that there are no more."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < count:
        raise SystemExit(f"there are {len(cores)} cores, not {count}")
    os.sched_setaffinity(0, cores[:count])


def main():
    script.end_orderly()
    options = read_options()
    if options.install:
        install_all(options.build)
        return 0
    refuse_what_is_missing(options)
    import whole_system  # its servers read the photographs of bench/web when they are loaded
    load = os.getloadavg()[0]
    use_cores(options.cores)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penstock-")))
        comparison = Comparison(options, folder, whole_system)
        comparison.report |= {
            "versions": versions(options), "cpu": cpu(), "load_at_start": load,
            "settings": {"cores": options.cores, "pairs": options.pairs, "pool": sides.POOL,
                         "seconds": options.seconds, "width": WIDTH, "quality": QUALITY}}
        sets = [one for size in options.megapixels
                for one in photo_sets.make(options.photos, folder, size)]
        comparison.run(sets)
    if options.json:
        print(json.dumps(comparison.report, indent=2))
    else:
        report.print_report(comparison.report)
    return 1 if comparison.report["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
