#!/usr/bin/env -S python3 -B
"""Draws what `penstock-bench --json` has told: an SVG for each workload in it; needs gnuplot.

Usage: plot.py REPORT.json FOLDER
"""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys

COLORS = ("0x1f6f8b", "0x7fb7c9", "0xb8b8b8")  # in the order of the series


@dataclasses.dataclass(frozen=True)
class Chart:
    """Groups of bars: a series has one value for each group."""

    title: str
    unit: str
    groups: list
    series: dict  # name: values, None where there is none
    is_logarithmic: bool = False


def by_window(rows, field, submit=None):
    """The field of the rows of each window, in the order of the windows."""
    windows = sorted({row["window"] for row in rows})
    chosen = {row["window"]: row[field] for row in rows if submit in (None, row.get("submit"))}
    return [chosen.get(window) for window in windows]


def windows_of(rows):
    return [f"{window:,}" for window in sorted({row["window"] for row in rows})]


def memory(rows):
    return Chart("Small tasks in memory, by tasks on their way", "tasks/s", windows_of(rows), {
        "one per call": by_window(rows, "tasks_per_s", "single"),
        "in bulk": by_window(rows, "tasks_per_s", "bulk"),
        "bare zmq::proxy": by_window(rows, "proxy_tasks_per_s")}, True)


def latency(rows):
    row, waiting = rows
    return Chart("One task after the other", "µs", ["p50", "p99"], {
        "taken by a callback": [row["p50_us"], row["p99_us"]],
        "by a thread that waits": [waiting["p50_us"], waiting["p99_us"]],
        "bare zmq::proxy": [row["proxy_p50_us"], row["proxy_p99_us"]]})


def disk(rows):
    return Chart("Small tasks on disk, by tasks on their way", "tasks/s", windows_of(rows), {
        "in bulk": by_window(rows, "tasks_per_s"),
        "bare log, 128 a sync": by_window(rows, "log_128_tasks_per_s"),
        "bare log, same batch": by_window(rows, "log_tasks_per_s")}, True)


def backlog(rows):
    return Chart("A task while others wait", "µs", [f"{row['waiting']:,} wait" for row in rows],
                 {"until it has ended": [row["us_per_task"] for row in rows]})


def scale(rows):
    row = rows[0]
    groups = [f"{row['few_workers']:,} / {row['few_queues']:,}",
              f"{row['workers']:,} / {row['queues']:,}"]
    return Chart("A task in the core of the broker, by workers / queues", "µs", groups,
                 {"per task": [row["few_us_per_task"], row["us_per_task"]]})


def payload(rows):
    return Chart("Large payloads to a handler on the same host", "GB/s",
                 [f"{row['bytes'] // 1_000_000} MB" for row in rows], {
        "shared memory": [row["gb_per_s"] for row in rows],
        "frames": [row["frames_gb_per_s"] for row in rows],
        "one memcpy": [row["memcpy_gb_per_s"] for row in rows]})


def image(rows):
    return Chart("Photographs to width 800, on all cores", "images/s", [""], {
        "through the system": [rows[0]["images_per_s"]],
        "the handler as a function": [rows[0]["direct_images_per_s"]]})


CHARTS = (memory, latency, disk, backlog, scale, payload, image)


def script_for(chart, file):
    """What gnuplot is told, with the data inside."""
    lines = ["set terminal svg size 720,400 font 'sans-serif,13' background rgb 'white'",
             f"set output '{file}'", f"set title '{chart.title}'", f"set ylabel '{chart.unit}'",
             "set style data histogram", "set style histogram clustered gap 1",
             "set style fill solid noborder", "set boxwidth 0.9", "set border 3",
             "set tics nomirror", "set grid ytics back lc rgb '#dddddd'",
             "set key below horizontal",
             "set format y '%.0s%c'", "set logscale y" if chart.is_logarithmic
             else "set yrange [0:*]", "$data << EOD"]
    for number, group in enumerate(chart.groups):
        values = ["?" if one[number] is None else str(one[number]) for one in chart.series.values()]
        lines.append(" ".join([f'"{group}"', *values]))
    bars = [f"$data using {column + 2}:xtic(1) title '{name}' lc rgb {COLORS[column]}"
            for column, name in enumerate(chart.series)]
    return "\n".join([*lines, "EOD", "set datafile missing '?'", "plot " + ", ".join(bars)])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if not shutil.which("gnuplot"):
        sys.exit("missing: gnuplot; apt-get install gnuplot-nox")
    report = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for make in CHARTS:
        if rows := report.get(make.__name__):
            file = folder / f"{make.__name__}.svg"
            subprocess.run(["gnuplot"], input=script_for(make(rows), file), text=True, check=True)
            print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
