"""penstock-bench, so tiny that its figures mean nothing: does it run, check and tell?"""

import json
import os
import signal
import subprocess
import tempfile
import unittest

import system

TINY = ["--pairs", "1", "--seconds", "0.05", "--finished", "0"]
RATIO = {"ratio", "ratio_low", "ratio_high", "pairs"}


def start(*arguments, **settings):
    return subprocess.Popen([system.BIN / "penstock-bench", *map(str, arguments)], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **settings)


def bench(*arguments):
    """Runs it; stdout and stderr as text."""
    running = start(*arguments)
    output, errors = running.communicate(timeout=100 * system.PATIENCE)
    return subprocess.CompletedProcess(running.args, running.returncode, output, errors)


class Bench(unittest.TestCase):
    def test_json_has_a_list_of_rows_for_each_workload(self):
        answer = bench("memory", "latency", "image", "--windows", "1,100", "--json", *TINY)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        report = json.loads(answer.stdout)
        self.check_memory(report["memory"])
        self.assertEqual([row["taken_by"] for row in report["latency"]], ["callback", "future"])
        for row in report["latency"]:
            self.assertEqual(row.keys(), RATIO | {"taken_by", "p50_us", "p99_us", "proxy_p50_us",
                                                  "proxy_p99_us"})
        row, = report["image"]
        self.assertEqual(row.keys(), RATIO | {"photos", "images_per_s", "direct_images_per_s"})
        self.assertEqual(report["answers"]["wrong_or_missing"], 0)
        self.assertGreater(report["answers"]["right"], 10)
        self.assertEqual(report["settings"]["worker_processes"], 2)
        self.assertEqual(report["settings"]["finished_before"], 0)
        self.assertGreater(report["machine"]["cores"], 0)

    def check_memory(self, rows):
        self.assertEqual([(row["window"], row["submit"], row["tasks_per_call"]) for row in rows],
                         [(1, "single", 1), (100, "single", 1), (100, "bulk", 25)])
        single = RATIO | {"window", "submit", "tasks_per_call", "tasks_per_s", "proxy_tasks_per_s"}
        bulk = single | {"packed", "packed_per_message", "packed_proxy_tasks_per_s"}
        for row in rows:
            self.assertEqual(row.keys(), single if row["submit"] == "single" else bulk)
            for figure in ("tasks_per_s", "proxy_tasks_per_s", "ratio"):
                self.assertGreater(row[figure], 0)
            # One pair is no claim.
            self.assertIsNone(row["ratio_low"])

    def test_the_disk_is_held_against_two_logs(self):
        answer = bench("disk", "--windows", "1,100", "--json", *TINY)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        report = json.loads(answer.stdout)
        self.assertEqual([row["window"] for row in report["disk"]], [1, 100])
        for row in report["disk"]:
            for figure in ("tasks_per_s", "log_tasks_per_s", "log_128_tasks_per_s"):
                self.assertGreater(row[figure], 0)
            # A ratio of one task at a time to 128 may round to nothing.
            self.assertEqual(row["log_128"].keys(), RATIO)
        self.assertEqual(report["answers"]["wrong_or_missing"], 0)

    def test_a_backlog_is_measured_at_each_depth(self):
        answer = bench("backlog", "--depths", "1000,3000", "--json", *TINY)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        rows = json.loads(answer.stdout)["backlog"]
        self.assertEqual([row["waiting"] for row in rows], [1000, 3000])
        for row in rows:
            for figure in ("submits_per_s", "resident_bytes", "page_p50_ms", "us_per_task"):
                self.assertGreater(row[figure], 0)

    def test_people_get_a_table_and_only_what_they_ask_for(self):
        answer = bench("memory", "--windows", "10", *TINY)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("WINDOW", answer.stdout)
        self.assertIn(" 0 wrong or missing", answer.stdout)
        self.assertNotIn("latency:", answer.stdout)
        self.assertIn("round 1 of 1", answer.stderr)

    def test_a_mistake_is_told_before_anything_starts(self):
        for flags in (["speed"], ["--pairs", "0"], ["--windows", "0"],
                      ["--seconds", "nan"], ["--seconds", "-NaN"]):
            self.assertEqual(bench(*flags).returncode, 2)

    def test_a_folder_that_is_none_is_named(self):
        running = start("memory", *TINY, env=dict(os.environ, TMPDIR="/nonexistent"))
        _, errors = running.communicate(timeout=60 * system.PATIENCE)
        self.assertEqual(running.returncode, 1)
        self.assertIn("TMPDIR", errors)
        self.assertIn("/nonexistent", errors)

    def test_a_folder_without_photographs_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            answer = bench("image", "--photos", folder, *TINY)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("--photos", answer.stderr)

    def test_nothing_stays_behind_however_it_ends(self):
        # What a killed one leaves there is removed here.
        folder = self.enterContext(tempfile.TemporaryDirectory())
        for number in (signal.SIGINT, signal.SIGKILL):
            with start("memory", "--seconds", "0.05", "--pairs", "1000", "--finished", "1",
                       env=dict(os.environ, TMPDIR=folder)) as running:
                self.addCleanup(system.end_process, running)
                while "round 1 of" not in running.stderr.readline():
                    self.assertIsNone(running.poll())
                started = system.children_of(running.pid)
                # Broker, supervisor, reporter, two processes; proxy, two echoes.
                self.assertEqual(len(started), 8)
                os.kill(running.pid, number)
                running.communicate(timeout=60 * system.PATIENCE)
                self.assertNotEqual(running.returncode, 0)
                system.until(lambda pids=started: not any(map(system.is_running, pids)),
                             what="the end of all")
            if number == signal.SIGINT:
                self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    system.main()
