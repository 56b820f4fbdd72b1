#!/usr/bin/env -S python3 -B
"""How many times as many tasks a second as its peers does Penstock do, in one run?

Finds the best window of each up to 10,000, then runs all in turns. Behind each peer: how many
times its tasks/s Penstock's are (the median of the pairs, with its 95 % interval, which takes six
rounds or more), how many times with single calls, as most peers have no bulk calls, how many times
it should be, and whether that holds, which takes ten.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import sys

import contest
import install
import intervals
import penstock
import plot
import script


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="install the peers, and leave")
    parser.add_argument("--only", nargs="+", choices=contest.PEERS, default=list(contest.PEERS))
    parser.add_argument("--rounds", type=script.at_least_one, default=intervals.ROUNDS_MIN,
                        help="pairs of Penstock and each peer")
    parser.add_argument("--minutes", type=float, default=14,
                        help="no round begins that would end later (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.5, help="length of one run")
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"),
                        help="where penstock-bench is (%(default)s)")
    parser.add_argument("--finished", type=int, default=1000000,
                        help="tasks that Penstock's broker has finished before (%(default)s)")
    script.add_build(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE.svg", help="draw it, too")
    return parser.parse_args()


def figures(runner):
    """What the table and --json tell of each."""
    def median_of(values):
        known = [value for value in values if value is not None]
        return round(statistics.median(known), 1) if known else None

    return {"name": runner.name, "version": runner.version, "best": str(runner.setting),
            "tasks_per_s": round(statistics.median(runner.rates)),
            "tasks_per_s_min": round(min(runner.rates)),
            "tasks_per_s_max": round(max(runner.rates)), "rates": runner.rates,
            "p50_us": median_of(runner.p50s_us), "p99_us": median_of(runner.p99s_us),
            "right": runner.right, "wrong_or_missing": runner.wrong}


def comparison(peer, penstocks):
    beside = next(one for one in penstocks if one.bench.mode == peer.mode)
    median, interval = peer.ratio(beside)
    return {**figures(peer), "promise": peer.peer.variants[peer.name], "beside": peer.mode,
            "ratio": round(median, 2), "interval": interval,
            "single_ratio": peer.single_ratio(beside), "wanted": peer.wanted,
            "verdict": intervals.verdict(interval, len(peer.rates), at_least=peer.wanted)}


def print_row(row):
    spread = f"{row['tasks_per_s_min']:,} - {row['tasks_per_s_max']:,}"
    times = " / ".join("-" if row[field] is None else f"{row[field]:,.0f}"
                       for field in ("p50_us", "p99_us"))
    text = (f"{row['name']:20}{row['version']:>21}{row['best']:>15}{row['tasks_per_s']:10,}"
            f"{spread:>20}{times:>16}")
    if "ratio" in row:
        between = "" if row["interval"] is None else "{:.1f} - {:.1f}".format(*row["interval"])
        single = "-" if row["single_ratio"] is None else f"{row['single_ratio']:.1f}"
        text += (f"{row['ratio']:9.1f}{between:>16}{single:>9}{row['wanted']:8}  {row['verdict']}"
                 f" ({row['beside']})")
    print(text)


def print_table(report):
    print(f"{'':20}{'version':>21}{'window':>15}{'tasks/s':>10}{'min - max':>20}"
          f"{'p50 / p99 us':>16}{'ratio':>9}{'95 %':>16}{'single':>9}{'wanted':>8}")
    for row in [*report["penstock"], *report["peers"]]:
        print_row(row)
    print(f"{report['settings']['rounds']} rounds; {report['answers']['right']:,} answers right,"
          f" {report['answers']['wrong_or_missing']} wrong or missing")


def report_of(penstocks, peers, options):
    every = [*penstocks, *peers]
    return {"settings": {"rounds": len(every[0].rates), "seconds": options.seconds,
                         "payload_bytes": 100, "workers": 2, "finished_before": options.finished},
            "machine": {"cores": os.cpu_count(), "kernel": platform.release()},
            "answers": {"right": sum(one.right for one in every),
                        "wrong_or_missing": sum(one.wrong for one in every)},
            "penstock": [figures(one) for one in penstocks],
            "peers": [comparison(one, penstocks) for one in peers]}


def main():
    """Exit codes: 0 all answers right, 1 some wrong or missing, or one does not start, 2 usage."""
    script.end_orderly()
    options = parse()
    if options.install:
        for name in options.only:
            contest.PEERS[name](options.build).install()
        install.install_debian(["gnuplot-nox"])
        return 0
    if options.plot:
        plot.refuse_without_gnuplot()
    install.prepare_build(options.build)
    binaries = options.bin.resolve()
    if not (binaries / "penstock-bench").exists():
        raise SystemExit(f"no penstock-bench in {binaries}: scripts/build release, or --bin")
    runners = {mode: contest.PenstockRunner(f"Penstock, {mode}", bench=penstock.Penstock(
        binaries, mode, options.seconds, options.finished)) for mode in penstock.WORKLOADS}
    report = report_of(*contest.compete(runners, options.only, options), options)
    if options.json:
        print(json.dumps(report))
    else:
        print_table(report)
    if options.plot:
        plot.draw(report, options.plot)
    return 1 if report["answers"]["wrong_or_missing"] else 0


if __name__ == "__main__":
    sys.exit(main())
