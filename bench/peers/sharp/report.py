"""The figures as tables for people."""

import statistics

NOT_SAID = "-"


def number(value, digits=1):
    return NOT_SAID if value is None else f"{value:.{digits}f}"


def ratio_text(row):
    text = number(row["ratio"], 2)
    return text if row["low"] is None else f"{text} ({row['low']:.2f} - {row['high']:.2f})"


def print_table(title, heads, rows):
    """Columns as wide as what is in them; the first two to the left."""
    lines = [heads, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    print(f"\n{title}")
    for line in lines:
        cells = [cell.ljust(width) if i < 2 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(line, widths, strict=True))]
        print("  ".join(cells).rstrip())


def print_ratios(rows):
    heads = ("figure", "photographs", "Penstock", "other", "ratio (95 %)", "pairs", "wanted", "")
    print_table(
        "Ratios: Penstock's figure divided by the other's, within each pair", heads,
        [(row["figure"], row["photographs"], number(row["penstock"]), number(row["other"]),
          ratio_text(row), str(row["pairs"]), row["wanted"] or NOT_SAID, row["verdict"])
         for row in rows])


def print_quality(rows):
    heads = ("photographs", "photo", "Penstock dB", "sharp dB", "difference", "best dB", "")
    print_table(
        "PSNR of the JPEG against the photograph scaled from all of its pixels; best: that saved",
        heads,
        [(row["photographs"], row["photo"], number(row.get("penstock"), 2),
          number(row.get("other"), 2), number(row.get("difference"), 2),
          number(row.get("best"), 2), row["wrong"] or "") for row in rows])


def print_limits(rows):
    """What is held against a number instead of a rival."""
    heads = ("figure", "photographs", "Penstock", "wanted", "")
    print_table("Limits", heads,
                [(row["figure"], row["photographs"], number(row["penstock"], 2),
                  row["wanted"] or NOT_SAID, row["verdict"]) for row in rows])


def print_report(report):
    versions = report["versions"]
    print(f"{versions['penstock']}; sharp {versions['sharp']} (libvips {versions['vips']}, mozjpeg "
          f"{versions['mozjpeg']}), Node {versions['node']}, {versions['jpegtran']}")
    print(f"{report['cpu']}, {report['settings']['cores']} cores used, load at the start "
          f"{report['load_at_start']:.2f}; width {report['settings']['width']}, quality "
          f"{report['settings']['quality']}")
    if report["others_cores"]:
        print(f"others kept {statistics.median(report['others_cores']):.2f} cores busy meanwhile "
              f"(at most {max(report['others_cores']):.2f}): with more than 0.1 the figures mean "
              "little")
    if report["ratios"]:
        print_ratios(report["ratios"])
    if report["quality"]:
        print_quality(report["quality"])
    if report["limits"]:
        print_limits(report["limits"])
    print(f"\n{report['right']} pictures right in process; "
          f"wrong or missing anywhere: {report['wrong']}.")
