"""The tasks that the producer sends, and the books on the answers: each exactly once, with the
contents that its task asks for. The same as clients/repetition.hpp."""

import json
import math
import string
import sys
import time

RUN_DIGITS, NUMBER_DIGITS, BODY_LENGTH = 8, 12, 100
HEAD = RUN_DIGITS + NUMBER_DIGITS
ALPHABET = string.ascii_lowercase * 5
PATIENCE_S = 60


def body_of(run, number, last):
    first = number % 26
    return f"{run:08}{number:012}{ALPHABET[first:first + BODY_LENGTH - HEAD - 1]}{last}"


def handled(body):
    """The handler of every peer."""
    return body[:-1] + "!"


class Repetition:
    """One timed run."""

    def __init__(self, run, window, seconds):
        self.run, self.window = run, window
        self.sent = self.right = self.wrong = 0
        self.seen = set()
        self.latencies = []
        self.start = time.perf_counter()
        self.until = self.start + seconds

    def outstanding(self):
        return max(0, self.sent - self.right - self.wrong)

    def may_send(self):
        return self.outstanding() < self.window and time.perf_counter() < self.until

    def goes_on(self):
        now = time.perf_counter()
        return now < self.until or (self.outstanding() > 0 and now < self.until + PATIENCE_S)

    def next(self):
        self.sent_at = time.perf_counter()
        self.sent += 1
        return body_of(self.run, self.sent - 1, ".")

    def take(self, answer):
        if self.window == 1:
            self.latencies.append((time.perf_counter() - self.sent_at) * 1e6)
        if self.is_right(answer):
            self.right += 1
        else:
            self.wrong += 1

    def is_right(self, answer):
        try:
            number = int(answer[RUN_DIGITS:HEAD])
        except (TypeError, ValueError):
            return False
        is_first = 0 <= number < self.sent and number not in self.seen
        self.seen.add(number)
        return is_first and answer == body_of(self.run, number, "!")

    def report(self):
        """The clock stops here. Wrong is what has no right answer, or one too many."""
        figures = {"tasks": self.right, "seconds": time.perf_counter() - self.start,
                   "wrong": max(self.sent, self.right + self.wrong) - self.right}
        if self.latencies:
            ranked = sorted(self.latencies)
            for name, share in (("p50_us", 0.5), ("p99_us", 0.99)):
                figures[name] = ranked[math.ceil(share * len(ranked)) - 1]
        return figures


def repeat(run):
    """A producer's life: for each line "window seconds" on stdin one repetition, and a line of
    JSON."""
    for number, line in enumerate(sys.stdin):
        window, seconds = line.split()
        repetition = Repetition(number, int(window), float(seconds))
        run(repetition)
        print(json.dumps(repetition.report()), flush=True)
