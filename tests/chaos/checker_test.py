"""The checker finds each broken promise in a small history that was written by hand, and nothing in
one where all were kept."""

import unittest

import journal_reader
import msgpack
from checker import VERDICTS, check
from evidence import Evidence
from journal_reader import ACCEPTED, FIELDS, FINISHED, LIFE, ROWS, Record

TASK, OTHER = "01890a5d-ac96-774b-bcce-000000000001", "01890a5d-ac96-774b-bcce-000000000002"
COMPLETED, DEAD, POISON = 6, 7, 2


def id_of(task):
    return bytes.fromhex(task.replace("-", ""))


def record(kind, **fields):
    """What the journal says, with nothing in the fields that do not matter."""
    nothing = dict.fromkeys(FIELDS[kind].split(), 0)
    return Record(kind, 0, ROWS[kind](**{**nothing, **fields}))


class Story:
    """Writes evidence: what a client noted, what ran, what the journal holds."""

    def __init__(self):
        self.history, self.runs, self.records = [], [], []
        self.life(1)

    def life(self, epoch):
        self.records.append(record(LIFE, epoch=epoch, time=epoch * 1000))
        self.epoch = epoch

    def submit(self, task=TASK, n=1):
        self.history.append({"e": "submit", "t": 0, "id": task, "queue": "default",
                             "args": {"n": n, "ms": 0}, "bytes": 5})

    def receipt(self, task=TASK, level="disk"):
        self.history.append({"e": "receipt", "t": 1, "id": task, "level": level,
                             "epoch": self.epoch})

    def store(self, task=TASK, ticket=1, n=1):
        self.records.append(record(ACCEPTED, id=id_of(task), type="chaos.work", queue="default",
                                   ticket=ticket, args=msgpack.packb({"n": n, "ms": 0})))

    def run(self, name, task=TASK, epoch=1, attempt=1, t=2.0, pid=7):
        self.runs.append({"e": "start", "t": t, "id": task, "epoch": epoch, "attempt": attempt,
                          "pid": pid, "run": name})

    def end(self, run, task=TASK, attempts=1, n=1, state=COMPLETED, reason=0, size=5):
        value = msgpack.packb({"n": n, "run": run, "bytes": size}) if run else b""
        self.records.append(record(FINISHED, id=id_of(task), state=state, dead_reason=reason,
                                   attempts=attempts, finished_at=self.epoch * 1000 + 1,
                                   args=value))

    def told(self, run, task=TASK, attempts=1, n=1, state="completed", reason="none", wrong=0):
        self.history.append({"e": "end", "t": 3, "id": task, "state": state, "reason": reason,
                             "attempts": attempts, "pid": 7, "error": None,
                             "value": {"n": n, "run": run, "bytes": 5} if run else None,
                             "wrong": wrong})

    def accept(self, task=TASK, **options):
        self.submit(task)
        self.store(task, **options)
        self.receipt(task)

    def report(self):
        evidence = Evidence()
        evidence.read_history("client", self.history)
        evidence.read_runs(self.runs)
        evidence.read_store(self.records)
        return check(evidence)


class Checker(unittest.TestCase):
    def setUp(self):
        self.story = Story()

    def check_verdict(self, verdict, text):
        """Exactly that verdict, once, with that text."""
        report = self.story.report()
        found = {name: report.found[name] for name in VERDICTS if report.found[name]}
        self.assertEqual(list(found), [verdict], found)
        self.assertEqual(len(found[verdict]), 1, found)
        self.assertIn(text, found[verdict][0])
        self.assertFalse(report.is_clean())

    def check_clean(self):
        report = self.story.report()
        self.assertTrue(report.is_clean(), str(report))

    def run_and_end(self, run="a", task=TASK, **options):
        self.story.run(run, task, **options)
        self.story.end(run, task)
        self.story.told(run, task)

    def test_kept_promises_are_clean(self):
        self.story.accept()
        self.run_and_end()
        self.check_clean()
        self.assertEqual(self.story.report().counts["accepted"], 1)

    def test_what_was_never_promised_may_be_gone(self):
        self.story.submit()
        self.check_clean()

    def test_an_attempt_of_a_former_life_may_run_and_come_to_nothing(self):
        self.story.accept()
        self.story.run("a")
        self.story.life(2)
        self.story.run("b", epoch=2)
        self.story.end("b")
        self.story.told("b")
        self.check_clean()

    def test_dead_is_an_end_too(self):
        self.story.accept()
        self.story.run("a")
        self.story.end(None, attempts=2, state=DEAD, reason=POISON)
        self.story.told(None, attempts=2, state="dead", reason="poison")
        self.check_clean()
        self.assertEqual(self.story.report().counts["dead (poison)"], 1)

    def test_a_task_that_was_written_again_has_one_outcome(self):
        self.story.accept()
        self.run_and_end()
        self.story.life(2)
        self.story.store()
        self.story.end("a")
        self.check_clean()

    def test_lost_with_the_store(self):
        self.story.submit()
        self.story.receipt()
        self.story.told(None, state="cancelled")
        self.check_verdict("lost", "not in the store")

    def test_lost_on_the_way_to_its_end(self):
        self.story.submit()
        self.story.store()
        self.check_verdict("lost", "has no end")

    def test_lost_to_the_one_who_waits(self):
        self.story.accept()
        self.story.run("a")
        self.story.end("a")
        self.check_verdict("lost", "nobody was ever told")

    def test_lost_since_the_broker_says_that_it_knows_nothing_of_it(self):
        self.story.accept()
        self.run_and_end()
        self.story.history.append({"e": "error", "t": 4, "id": TASK, "error": "not_found"})
        self.check_verdict("lost", "was told not_found")

    def test_lost_is_also_a_promise_of_less_than_was_asked_for(self):
        self.story.submit()
        self.story.store()
        self.story.receipt(level="memory")
        self.run_and_end()
        self.check_verdict("lost", "at a level below")

    def test_duplicated_in_the_store(self):
        self.story.accept()
        self.run_and_end()
        self.story.end("a")
        self.check_verdict("duplicated", "ended twice")

    def test_duplicated_towards_the_client(self):
        self.story.accept()
        self.story.run("a")
        self.story.life(2)
        self.story.told("a")  # before it was safe; then all forgot it
        self.story.run("b", epoch=2)
        self.story.end("b")
        self.story.told("b")
        self.check_verdict("duplicated", "told")

    def test_duplicated_as_two_runs_of_one_lease(self):
        self.story.accept()
        self.story.run("x")
        self.run_and_end()
        self.check_verdict("duplicated", "ran 2 times")

    def test_stale_won_after_a_later_attempt_began(self):
        self.story.accept()
        self.story.run("b", attempt=2)
        self.run_and_end()
        self.check_verdict("stale-won", "after attempt 2 began")

    def test_stale_won_in_the_name_of_a_later_attempt(self):
        self.story.accept()
        self.story.run("a")
        self.story.end("a", attempts=2)
        self.story.told("a", attempts=2)
        self.check_verdict("stale-won", "recorded as that of 2")

    def test_stale_won_in_another_life(self):
        self.story.accept()
        self.story.run("a")
        self.story.life(2)
        self.story.end("a")
        self.story.told("a")
        self.check_verdict("stale-won", "recorded in epoch 2")

    def test_phantom_in_the_store(self):
        self.story.store()
        self.story.end(None, state=DEAD)
        self.check_verdict("phantom", "in the store, but never submitted")

    def test_phantom_that_ran(self):
        self.story.run("a")
        self.check_verdict("phantom", "ran, but was never submitted")

    def test_phantom_that_a_client_was_told_of(self):
        self.story.told(None, state="cancelled")
        self.check_verdict("phantom", "told of, but never submitted")

    def test_phantom_bytes_in_what_was_run(self):
        self.story.accept()
        self.story.run("a")
        self.story.end("a", size=4)
        self.story.told("a")
        self.check_verdict("phantom", "other bytes: 4 of 5")

    def test_phantom_bytes_in_what_came_back(self):
        self.story.accept()
        self.story.run("a")
        self.story.end("a")
        self.story.told("a", wrong=1)
        self.check_verdict("phantom", "the bytes of another result")

    def test_phantom_outcome_of_other_work(self):
        self.story.accept(ticket=1)
        self.story.accept(OTHER, ticket=2)
        self.run_and_end("a")
        self.story.run("b", OTHER, t=2.5)
        self.story.end("a", OTHER)
        self.story.told("a", OTHER)
        self.check_verdict("phantom", "the outcome of other work")

    def test_out_of_order(self):
        self.story.accept(ticket=1)
        self.story.accept(OTHER, ticket=2)
        self.run_and_end("b", OTHER, t=2.0)
        self.run_and_end("a", t=2.1)
        self.check_verdict("out of order", "ticket 1 of default started in process 7")

    def test_other_processes_and_later_attempts_are_in_no_order(self):
        self.story.accept(ticket=1)
        self.story.accept(OTHER, ticket=2)
        self.story.run("x", t=1.9, pid=8)
        self.run_and_end("b", OTHER, t=2.0)
        self.story.run("a", t=2.1, attempt=2)
        self.story.end("a", attempts=2)
        self.story.told("a", attempts=2)
        self.check_clean()


class Reading(unittest.TestCase):
    """The arithmetic that the reader of journals rests on; whole journals are read by every run."""

    def test_the_check_is_that_of_rfc_3720(self):
        self.assertEqual(journal_reader.crc32c(bytes(32)), 0x8A9136AA)
        self.assertEqual(journal_reader.crc32c(b"\xff" * 32), 0x62A8AB43)
        whole = bytes(range(32))
        self.assertEqual(journal_reader.crc32c(whole), 0x46DD794E)
        self.assertEqual(journal_reader.crc32c(whole[9:], journal_reader.crc32c(whole[:9])),
                         0x46DD794E)


if __name__ == "__main__":
    unittest.main()
