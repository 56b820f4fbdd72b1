#!/usr/bin/env -S python3 -B
"""Do the checkers find what is wrong? Needs Python alone: no peer, and no program of Penstock."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "celery_programs")]

import intervals
import repetition


class Intervals(unittest.TestCase):
    """The ranks are those of the sign test, as in any table of it."""

    def test_fewer_than_six_values_have_none(self):
        for count in range(6):
            self.assertIsNone(intervals.interval(list(range(count))))

    def test_known_ranks(self):
        ranks = {6: (1, 6), 8: (1, 8), 9: (2, 8), 10: (2, 9), 15: (4, 12), 20: (6, 15),
                 25: (8, 18), 50: (18, 33), 100: (40, 61)}
        for count, wanted in ranks.items():
            with self.subTest(count=count):
                self.assertEqual(intervals.interval(list(range(count, 0, -1))), wanted)

    def test_ratio_is_within_pairs(self):
        median, between = intervals.ratio([2, 30, 8, 10, 12, 14], [1, 10, 2, 2, 2, 2])
        self.assertEqual((median, between), (4.5, (2, 7)))

    def test_ratio_refuses_what_is_no_pair(self):
        with self.assertRaises(ValueError):
            intervals.ratio([1, 2], [1])


class Verdicts(unittest.TestCase):
    def test_at_least(self):
        for between, wanted in {(3, 4): "holds", (3.1, 4): "holds", (2, 4): "open", (2, 3): "open",
                                (1, 2.9): "missed"}.items():
            with self.subTest(between=between):
                self.assertEqual(intervals.verdict(between, 10, at_least=3), wanted)

    def test_at_most(self):
        for between, wanted in {(2, 3): "holds", (1, 2.9): "holds", (2, 4): "open", (3, 4): "open",
                                (3.1, 4): "missed"}.items():
            with self.subTest(between=between):
                self.assertEqual(intervals.verdict(between, 10, at_most=3), wanted)

    def test_few_rounds_make_no_claim(self):
        self.assertEqual(intervals.verdict((3, 4), 9, at_least=1), "too few rounds")
        self.assertEqual(intervals.verdict(None, 5, at_least=1), "too few rounds")


class Books(unittest.TestCase):
    """Of what Celery's producer sends and gets; those of the other clients are the same."""

    def setUp(self):
        self.one = repetition.Repetition(7, 10, 60)
        self.bodies = [self.one.next() for _ in range(3)]
        self.answers = [repetition.handled(body) for body in self.bodies]

    def books_after(self, answers):
        for answer in answers:
            self.one.take(answer)
        report = self.one.report()
        return report["tasks"], report["wrong"]

    def test_bodies_are_as_long_as_they_say_and_differ(self):
        self.assertEqual({len(body) for body in self.bodies}, {repetition.BODY_LENGTH})
        self.assertEqual(len(set(self.bodies)), 3)

    def test_all_right_in_any_order(self):
        self.assertEqual(self.books_after(reversed(self.answers)), (3, 0))
        self.assertEqual(self.one.outstanding(), 0)

    def test_wrong(self):
        faults = {"not handled": self.bodies[1], "no text": None, "empty": "",
                  "one byte": self.answers[1][:50] + "#" + self.answers[1][51:],
                  "cut": self.answers[1][:-2] + "!",
                  "of another run": repetition.handled(repetition.body_of(6, 1, ".")),
                  "never sent": repetition.handled(repetition.body_of(7, 3, "."))}
        for name, answer in faults.items():
            with self.subTest(name):
                self.setUp()
                self.assertEqual(self.books_after([self.answers[0], answer, self.answers[2]]),
                                 (2, 1))

    def test_missing(self):
        self.assertEqual(self.books_after(self.answers[:2]), (2, 1))
        self.assertEqual(self.one.outstanding(), 1)

    def test_duplicate_beside_all_others(self):
        self.assertEqual(self.books_after([*self.answers, self.answers[0]]), (3, 1))

    def test_duplicate_instead_of_another(self):
        self.assertEqual(self.books_after([*self.answers[:2], self.answers[0]]), (2, 1))

    def test_latencies_of_one_after_another(self):
        self.one = repetition.Repetition(0, 1, 60)
        for _ in range(4):
            self.one.take(repetition.handled(self.one.next()))
        report = self.one.report()
        self.assertGreaterEqual(report["p99_us"], report["p50_us"])
        self.assertEqual(report["wrong"], 0)


if __name__ == "__main__":
    unittest.main()
