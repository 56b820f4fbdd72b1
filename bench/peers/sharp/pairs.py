"""One row of a table: what pairs of measurements say."""

import statistics

import intervals


def compare(ours, theirs):
    """Medians of both sides, and of what one is divided by the other within each pair."""
    ratio, between = intervals.ratio(ours, theirs)
    low, high = between or (None, None)
    return {"penstock": statistics.median(ours), "other": statistics.median(theirs),
            "ratio": ratio, "low": low, "high": high, "pairs": len(ours)}
