"""A wait that ends early, or without its result: nobody loses the way back to the task."""

import json
import pathlib
import signal
import subprocess
import unittest

import system


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def catches(pid, number):
    """Whether a process has a handler for the signal."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("SigCgt:")[1].split()[0], 16) >> (number - 1) & 1


def polls(pid):
    """Whether its first thread waits for descriptors: poll() or ppoll() of x86-64 and AArch64."""
    return pathlib.Path(f"/proc/{pid}/syscall").read_text().split()[0] in ("7", "271", "73")


def brief_system():
    """One whose long tasks are not waited for at its end."""
    return system.System(processes=1, worker_flags=["--drain-timeout", "100ms"])


class Waits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = cls.enterClassContext(brief_system())

    def setUp(self):
        self.task = system.fresh_id()

    def test_a_wait_for_an_accepted_task_ends_with_the_way_to_its_result(self):
        answer = self.system.cli("submit", "math.sleep", '{"ms":300000}', "--wait", "--timeout",
                                 "1s", "--id", self.task)
        self.assertEqual(answer.returncode, 8, answer.stderr)
        self.assertIn(f"penstock task result {self.task}", answer.stderr)

    def test_a_wait_before_a_full_queue_does_not_say_that_the_task_was_accepted(self):
        full = self.enterContext(system.System(start_worker=False,
                                               broker_flags=["--queue-tasks-max", "1"]))
        full.cli("submit", "math.double", "[1]")
        command = ["submit", "math.double", "[2]", "--id", self.task]
        answer = full.cli(*command, "--wait", "--timeout", "1s")
        self.assertEqual(answer.returncode, 8, answer.stderr)
        self.assertNotIn("task result", answer.stderr)
        self.assertIn(f"--id {self.task}", answer.stderr)

    def test_an_interrupted_wait_tells_the_id_and_with_json_as_json(self):
        for flags, number in (([], signal.SIGINT), (["--json"], signal.SIGINT),
                              ([], signal.SIGHUP)):
            before = self.system.queue("endless")["queued"] + self.system.queue("endless")["active"]
            waiting = self.system.start_cli("submit", "math.sleep", '{"ms":300000}', "--queue",
                                            "endless", "--wait", *flags)
            self.addCleanup(system.end_process, waiting)

            def accepted(count=before):
                queue = self.system.queue("endless")
                return queue["queued"] + queue["active"] > count

            system.until(accepted, what="the task's arrival")
            waiting.send_signal(number)
            output, errors = waiting.communicate(timeout=30 * system.PATIENCE)
            self.assertEqual(waiting.returncode, 128 + number, errors)
            task = json.loads(output)["id"] if flags else output.strip()
            self.assertEqual(self.system.json("task", "get", task)["type"], "math.sleep")

    def test_under_nohup_a_wait_outlives_its_terminal(self):
        waiting = subprocess.Popen(
            ["nohup", system.BIN / "penstock", "submit", "math.sleep", '{"ms":300000}', "--queue",
             "nohup", "--wait"], env=self.system.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(waiting.communicate)
        self.addCleanup(system.end_process, waiting)
        system.until(lambda: catches(waiting.pid, signal.SIGTERM), what="the wait")
        self.assertFalse(catches(waiting.pid, signal.SIGHUP))

    def test_an_interrupted_submission_tells_the_id_and_how_to_repeat_it(self):
        full = self.enterContext(system.System(start_worker=False,
                                               broker_flags=["--queue-tasks-max", "1"]))
        full.cli("submit", "math.double", "[1]")
        submitting = full.start_cli("submit", "math.double", "[2]", "--id", self.task)
        self.addCleanup(system.end_process, submitting)
        # The thread sanitizer can lose a signal that comes between the two.
        system.until(lambda: catches(submitting.pid, signal.SIGINT) and polls(submitting.pid),
                     what="the wait")
        submitting.send_signal(signal.SIGINT)
        output, errors = submitting.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(submitting.returncode, 128 + signal.SIGINT, errors)
        self.assertEqual(output, f"{self.task}\n")
        self.assertIn(f"--id {self.task}", errors)

    def test_a_broker_that_goes_away_leaves_the_way_to_the_result(self):
        lost = self.enterContext(system.System(start_worker=False))
        source = lost.folder / "tasks.jsonl"
        source.write_text("[1]\n")
        one = lost.start_cli("submit", "math.double", "[1]", "--wait")
        many = lost.start_cli("submit", "math.double", "--from-jsonl", source, "--wait", "--json")
        for waiting in (one, many):
            self.addCleanup(system.end_process, waiting)
        system.until(lambda: lost.queue()["queued"] == 2)
        tasks = [row["id"] for row in lost.json("task", "ls")]
        system.end_process(lost.broker)
        _, errors = one.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(one.returncode, 7, errors)
        self.assertTrue(any(f"penstock task result {task}" in errors for task in tasks), errors)
        output, errors = many.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(many.returncode, 7, errors)
        row, = lines_of(output)
        self.assertIn(row["id"], tasks)
        self.assertIn(row["id"], errors)
        self.assertIn("penstock task result", errors)

    def test_a_result_that_cannot_be_saved_is_not_lost(self):
        answer = self.system.cli("submit", "math.double", "[4]", "--wait", "--out",
                                 "/nonexistent/out.bin", "--id", self.task)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("/nonexistent/out.bin", answer.stderr)
        self.assertIn(f"penstock task result {self.task}", answer.stderr)
        answer = self.system.cli("task", "result", self.task)
        self.assertEqual(answer.stdout, "[8]\n")

    def test_what_a_bulk_has_when_its_time_is_over_is_printed(self):
        # Whose slots are not taken by the long tasks of other tests.
        running = self.enterContext(brief_system())
        lines = '{"ms":300000}\n' + '{"ms":1}\n' * 20
        seconds = 5 * system.PATIENCE
        for flags in ([], ["--json"]):
            answer = running.cli("submit", "math.sleep", "--from-jsonl", "-", "--wait",
                                 "--timeout", f"{seconds:.0f}s", *flags, stdin=lines)
            self.assertEqual(answer.returncode, 8, answer.stderr)
            rows = lines_of(answer.stdout)
            self.assertEqual(len(rows), 21)
            if flags:
                self.assertIsNone(rows[0]["state"])
                self.assertEqual(running.json("task", "get", rows[0]["id"])["state"], "active")
                rows = [row["value"] for row in rows[1:]]
            else:
                self.assertIsNone(rows.pop(0))
            self.assertEqual([row["slept_ms"] for row in rows], [1] * 20)

    def test_an_endless_input_ends_at_the_timeout(self):
        running = self.enterContext(system.System(start_worker=False))
        for line in ("nonsense", "[1]"):
            with subprocess.Popen(["yes", line], stdout=subprocess.PIPE) as endless:
                self.addCleanup(system.end_process, endless)
                answer = subprocess.run(
                    [system.BIN / "penstock", "submit", "math.double", "--from-jsonl", "-",
                     "--timeout", "1s"],
                    env=running.environment, stdin=endless.stdout, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, timeout=60 * system.PATIENCE, check=False)
                endless.stdout.close()
                self.assertEqual(answer.returncode, 8)


if __name__ == "__main__":
    system.main()
