"""The command line that the script of every peer has."""

import argparse
import dataclasses
import json
import pathlib
import signal
import statistics
import sys

import install


def end_orderly():
    """A signal ends the script as an error does, so that its children are ended, too."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def add_build(parser):
    parser.add_argument("--build", type=lambda text: pathlib.Path(text).resolve(),
                        default=install.default_build(),
                        help="folder for compiled clients and node_modules (%(default)s)")


def parse(text):
    parser = argparse.ArgumentParser(description=text,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="install what it needs, and leave")
    add_build(parser)
    parser.add_argument("--windows", type=at_least_one, nargs="+", default=[1, 100, 1000, 10000],
                        help="tasks on their way at once")
    parser.add_argument("--seconds", type=float, default=3, help="length of a repetition")
    parser.add_argument("--repeats", type=at_least_one, default=5,
                        help="after one that warms up")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args()


def measure(peer, variant, window, options):
    warm_up = peer.run(variant, window, min(1, options.seconds))
    taken = [peer.run(variant, window, options.seconds) for _ in range(options.repeats)]
    rates = [one.rate for one in taken]
    return {"peer": variant, "version": peer.version(), "window": window,
            "tasks_per_s": round(statistics.median(rates)), "tasks_per_s_min": round(min(rates)),
            "tasks_per_s_max": round(max(rates)), **latency(taken),
            "right": sum(one.tasks for one in [warm_up, *taken]),
            "wrong_or_missing": sum(one.wrong for one in [warm_up, *taken]),
            "repetitions": [dataclasses.asdict(one) for one in taken]}


def latency(taken):
    """The median over repetitions, of windows of one task."""
    if taken[0].p50_us is None:
        return {"p50_us": None, "p99_us": None}
    return {field: round(statistics.median(getattr(one, field) for one in taken), 1)
            for field in ("p50_us", "p99_us")}


def print_head():
    print(f"{'peer':20}{'version':>22}{'window':>8}{'tasks/s':>10}{'min - max':>20}"
          f"{'p50 / p99 us':>17}{'wrong':>7}", flush=True)


def print_row(row):
    spread = f"{row['tasks_per_s_min']:,} - {row['tasks_per_s_max']:,}"
    times = "" if row["p50_us"] is None else f"{row['p50_us']:,.0f} / {row['p99_us']:,.0f}"
    print(f"{row['peer']:20}{row['version']:>22}{row['window']:8}{row['tasks_per_s']:10,}"
          f"{spread:>20}{times:>17}{row['wrong_or_missing']:7}", flush=True)


def main(kind, text):
    """Exit codes: 0 all answers right, 1 some wrong or missing, or it does not start, 2 usage."""
    end_orderly()
    options = parse(text)
    peer = kind(options.build)
    if options.install:
        peer.install()
        return 0
    install.prepare_build(options.build)
    rows = []
    with peer:
        if not options.json:
            print_head()
        for variant in peer.variants:
            for window in options.windows:
                rows.append(measure(peer, variant, window, options))
                if not options.json:
                    print_row(rows[-1])
    if options.json:
        print(json.dumps({"promises": peer.variants, "rows": rows}))
    return 1 if any(row["wrong_or_missing"] for row in rows) else 0
