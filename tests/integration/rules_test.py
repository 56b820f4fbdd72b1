"""What other systems make their users suffer cannot happen here: rules of docs/TESTING.md that no
other test of this folder is about."""

import os
import pathlib
import signal
import statistics
import sys
import time
import unittest

import system

sys.path.insert(0, str(pathlib.Path(__file__).parent / "python"))

from penstock_client import Client  # noqa: E402

QUICK = ["--heartbeat", "200ms", "--liveness", f"{int(1000 * system.PATIENCE)}ms"]
FEW, MANY = 1_000, 1_000_000 if system.LONG else 100_000


class Rules(unittest.TestCase):
    def start_system(self, **options):
        self.running = self.enterContext(system.System(broker_flags=QUICK, **options))
        return self.running

    def run_one(self):
        answer = self.running.cli("submit", "math.double", "[4]", "--wait")
        self.assertEqual((answer.returncode, answer.stdout), (0, "[8]\n"), answer.stderr)

    def test_rule_2_workers_serve_again_after_every_absence_of_the_broker(self):
        running = self.start_system(processes=2, worker_flags=["--log-level", "debug"])
        processes = {row["pid"] for row in running.worker_rows()}
        for _ in range(3):
            running.broker.kill()
            running.broker.wait()
            running.start_broker()
            self.run_one()
        # Half-open: the connection stands, and nobody is there.
        joins = self.joins()
        running.broker.send_signal(signal.SIGSTOP)
        self.addCleanup(running.broker.send_signal, signal.SIGCONT)
        system.until(lambda: self.joins() > joins, what="workers that miss their broker")
        running.broker.send_signal(signal.SIGCONT)
        self.run_one()
        rows = running.wait_for_workers(2)
        self.assertEqual({row["pid"] for row in rows}, processes)

    def joins(self):
        """How often worker processes have begun to join."""
        return self.running.log_of(self.running.workers[0]).count("stage=joining")

    def test_rule_4_no_short_task_waits_behind_a_long_one(self):
        running = self.start_system(processes=2)
        long = running.start_cli("submit", "math.spin", '{"ms":600000}', "--wait")
        self.addCleanup(system.end_process, long)
        system.until(lambda: running.queue()["active"] == 1)
        lines = running.folder / "short.jsonl"
        lines.write_text('{"ms":10}\n' * 100)
        answer = running.cli("submit", "math.spin", "--from-jsonl", lines, "--wait")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIsNone(long.poll())
        self.assertEqual(running.queue()["active"], 1)

    def test_rule_8_the_outcome_of_a_lost_lease_is_refused_and_counted(self):
        running = self.start_system(processes=1)
        silent = running.worker_rows()[0]["pid"]
        waiting = running.start_cli("submit", "math.sleep", '{"ms":4000}', "--wait", "--json")
        self.addCleanup(system.end_process, waiting)
        system.until(lambda: running.queue()["active"] == 1)
        os.kill(silent, signal.SIGSTOP)
        self.addCleanup(os.kill, silent, signal.SIGCONT)
        running.start_worker(1)
        task, = running.json("task", "ls")
        system.until(lambda: self.pid_of(task) not in (None, silent), what="another attempt")
        os.kill(silent, signal.SIGCONT)
        with Client(running.frontend, "rules") as client:
            system.until(lambda: next(client.query("broker")).stale_outcomes == 1,
                         what="a refused outcome")
        _, errors = waiting.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(waiting.returncode, 0, errors)
        row = running.json("task", "get", task["id"])
        self.assertEqual((row["state"], row["attempts"]), ("completed", 2))
        self.assertNotEqual(self.pid_of(task), silent)

    def pid_of(self, task):
        """The process of the present attempt."""
        row = self.running.json("task", "get", task["id"])
        return row["pid"] if row["state"] in ("active", "completed") else None

    def test_rule_26_a_page_of_tasks_costs_the_same_however_many_there_are(self):
        running = self.start_system(start_worker=False)
        with Client(running.frontend, "rules", timeout=300) as client:
            client.submit_many("math.double", range(FEW), notify=False)
            few = self.ms_of_a_page(client)
            client.submit_many("math.double", range(MANY - FEW), notify=False)
            many = self.ms_of_a_page(client)
            self.assertEqual(len(list(client.query("tasks"))), MANY)
        print(f"a page of 100: {few:.2f} ms of {FEW} tasks, {many:.2f} ms of {MANY}")
        self.assertLess(many, 50 * system.PATIENCE)

    def ms_of_a_page(self, client):
        times = []
        for _ in range(20):
            before = time.monotonic()
            self.assertIsNotNone(next(client.query("tasks", state="queued", page=100)))
            times.append((time.monotonic() - before) * 1000)
        return statistics.median(times)


if __name__ == "__main__":
    system.main()
