#!/usr/bin/env -S python3 -B
"""Draws what `compare.py --json` has told: plot.py REPORT.json FILE.svg; needs gnuplot."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).resolve().with_name("plot.gnuplot")


def refuse_without_gnuplot():
    if not shutil.which("gnuplot"):
        raise SystemExit("missing: gnuplot; apt-get install gnuplot-nox")


def draw(report, file):
    rows = sorted([*report["penstock"], *report["peers"]], key=lambda row: -row["tasks_per_s"])
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as data:
        for row in rows:
            print(row["name"], row["tasks_per_s"], row["tasks_per_s_min"], row["tasks_per_s_max"],
                  f"{row['tasks_per_s']:,}", sep="\t", file=data)
        data.flush()
        subprocess.run(["gnuplot", "-c", SCRIPT, data.name, file], check=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    refuse_without_gnuplot()
    draw(json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]))
