"""The median of pairs, and where it lies with 95 % confidence; as bench/system/statistics.cpp."""

import statistics

CONFIDENCE = 0.95
ROUNDS_MIN = 10  # fewer make no claim


def interval(values):
    """Two order statistics between which the median lies, whatever the noise is like; nothing for
    fewer than six values."""
    ranked, count = sorted(values), len(values)
    allowed = (1 - CONFIDENCE) / 2
    term = tail = 0.5 ** count
    left = 0  # values outside the interval, on each side
    while tail <= allowed:
        left += 1
        term *= (count - left + 1) / left
        tail += term
    return (ranked[left - 1], ranked[count - left]) if left else None


def ratio(ours, theirs):
    """The median of the pairs' ratios, and its interval."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return statistics.median(ratios), interval(ratios)


def verdict(between, count, at_least=None, at_most=None):
    """Whether the whole interval of `count` rounds is on the side that is wanted, or on the other;
    `open`: it reaches to both."""
    if count < ROUNDS_MIN or between is None:
        return "too few rounds"
    low, high = between
    if at_least is not None:
        is_held, is_missed = low >= at_least, high < at_least
    else:
        is_held, is_missed = high <= at_most, low > at_most
    return "holds" if is_held else "missed" if is_missed else "open"
