"""Another language serves: a worker written from PROTOCOL.md alone, beside those in C++."""

import hashlib
import json
import os
import signal
import sys
import unittest

import system

SLOW = system.SOURCE / "tests/integration/python/slow_worker.py"
TEXT = system.SOURCE / "examples/python/text_worker.py"
TASKS = 200
ONCE = ("--wait", "--max-attempts", "1")


def stretched(number):
    return hashlib.pbkdf2_hmac("sha256", b"%d" % number, b"salt", 30_000).hex()


class PythonWorker(unittest.TestCase):
    def start_system(self, **options):
        self.system = self.enterContext(system.System(**{"processes": 1, **options}))
        return self.system

    def start_slow(self, slots=2):
        """One more worker of the slow types, which has joined."""
        worker = self.system.spawn(sys.executable, "-B", SLOW, self.system.backend, slots)
        self.system.workers.append(worker)
        system.until(lambda: worker.pid in [row["pid"] for row in self.rows()],
                     what="the worker's JOIN")
        return worker

    def rows(self, kind="slow.echo"):
        """The workers that serve a type."""
        return [row for row in self.system.worker_rows() if kind in row["types"]]

    def gate(self, name="gate"):
        path = self.system.folder / name
        os.mkfifo(path)
        return path

    def submit_in_background(self, *arguments):
        producer = self.system.start_cli("submit", *arguments, "--wait")
        self.addCleanup(system.end_process, producer)
        return producer

    def submit_many(self, count):
        lines = self.system.folder / "tasks.jsonl"
        lines.write_text("".join(f"{number}\n" for number in range(count)))
        return self.submit_in_background("slow.stretch", "--from-jsonl", lines)

    def check_all_came(self, producer, count):
        output, errors = producer.communicate(timeout=120 * system.PATIENCE)
        self.assertEqual(producer.returncode, 0, errors)
        for number in range(count):
            self.assertIn(stretched(number), output)
        self.assertEqual(self.system.queue()["dead"], 0)

    def test_it_serves_its_type_beside_the_workers_in_cpp(self):
        running = self.start_system()
        worker = running.spawn(sys.executable, "-B", TEXT, "--broker", running.backend)
        running.workers.append(worker)
        system.until(lambda: self.rows("text.reverse"), what="the worker's JOIN")
        note = running.folder / "note.txt"
        note.write_text("Grüße")
        for command, printed in (
                (("text.reverse", '"stressed"'), '"desserts"\n'), (("math.double", "[4]"), "[8]\n"),
                (("text.reverse", "--file", note, "--out", running.folder / "back.txt"), None)):
            answer = running.cli("submit", *command, "--wait")
            self.assertEqual(answer.returncode, 0, answer.stderr)
            if printed:
                self.assertEqual(answer.stdout, printed)
        self.assertEqual((running.folder / "back.txt").read_text(), "eßürG")
        answer = running.cli("submit", "text.reverse", "5", "--wait")
        self.assertEqual(answer.returncode, 9)
        self.assertIn("the arguments must be a text", answer.stderr)

    def test_its_errors_end_as_the_protocol_says(self):
        running = self.start_system()
        self.start_slow()
        for kind, args, reason, message in (
                ("slow.refuse", "7", "rejected", "7 will never do"),
                ("slow.fail", "null", "attempts_exhausted", "OSError: the disk is full"),
                ("slow.crash", "null", "attempts_exhausted", "the slot's process died: 7"),
                ("slow.stretch", '"no number"', "attempts_exhausted", "TypeError")):
            with self.subTest(kind):
                answer = running.cli("submit", kind, args, *ONCE)
                self.assertEqual(answer.returncode, 9)
                row = running.json("task", "ls", "--type", kind)[0]
                self.assertEqual((row["state"], row["dead_reason"]), ("dead", reason))
                self.assertIn(message, row["error"]["message"])
        self.assertEqual(running.cli("submit", "slow.echo", "[1]", *ONCE).stdout, "[1]\n")

    def test_large_bodies_go_both_ways(self):
        running = self.start_system()
        self.start_slow()
        source, back = running.folder / "in.bin", running.folder / "out.bin"
        source.write_bytes(os.urandom(5 << 20))
        value = json.dumps("x" * 100_000)
        answer = running.cli("submit", "slow.echo", value, "--file", source, "--out", back,
                             "--wait")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertEqual(back.read_bytes(), source.read_bytes())

    def test_it_enforces_time_limits_and_stops_what_is_cancelled(self):
        running = self.start_system()
        self.start_slow(slots=1)
        gate = json.dumps(str(self.gate()))
        answer = running.cli("submit", "slow.gate", gate, "--time-limit", "300ms", *ONCE)
        self.assertEqual(answer.returncode, 9)
        self.assertIn("time limit", answer.stderr)
        waiting = self.submit_in_background("slow.gate", gate)
        system.until(lambda: running.queue()["active"] == 1)
        task, = running.json("task", "ls", "--state", "active")
        self.assertEqual(running.cli("task", "cancel", task["id"]).returncode, 0)
        waiting.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(running.json("task", "get", task["id"])["state"], "cancelled")
        self.assertEqual(running.cli("submit", "slow.echo", "1", *ONCE).stdout, "1\n")

    def test_two_hundred_tasks_survive_the_kill_of_the_worker_that_runs_them(self):
        running = self.start_system(broker_flags=["--heartbeat", "200ms", "--liveness", "1s"])
        victim = self.start_slow()
        producer = self.submit_many(TASKS)
        system.until(lambda: running.queue()["completed"] >= 20, what="the first results")
        self.assertLess(running.queue()["completed"], TASKS)
        system.kill(victim.pid)
        victim.wait()
        self.start_slow()
        self.check_all_came(producer, TASKS)
        self.assertEqual(running.queue()["completed"], TASKS)

    def test_no_slot_outlives_the_kill_of_its_worker_while_a_handler_runs(self):
        running = self.start_system()
        victim = self.start_slow()
        running.cli("submit", "slow.gate", json.dumps(str(self.gate())))
        system.until(lambda: running.queue()["active"] == 1)
        slots = system.children_of(victim.pid)
        self.assertGreaterEqual(len(slots), 2)
        for slot in slots:
            self.addCleanup(system.kill, slot)
        system.kill(victim.pid)
        victim.wait()
        system.until(lambda: not any(map(system.is_running, slots)), what="the end of the slots")

    def test_a_drain_finishes_what_runs_and_gives_back_the_rest(self):
        running = self.start_system()
        first = self.start_slow(slots=1)
        gate = self.gate()
        blocked = self.submit_in_background("slow.gate", json.dumps(str(gate)))
        system.until(lambda: running.queue()["active"] == 1)
        producer = self.submit_many(20)
        system.until(lambda: running.queue()["queued"] + running.queue()["active"] == 21)
        first.send_signal(signal.SIGTERM)
        system.until(lambda: self.rows()[0]["draining"], what="the drain")
        self.start_slow()
        self.check_all_came(producer, 20)
        self.assertIsNone(first.poll())
        gate.write_text("open")
        output, errors = blocked.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual((blocked.returncode, output), (0, '"open"\n'), errors)
        self.assertEqual(first.wait(30 * system.PATIENCE), 0)
        self.assertEqual({row["attempts"] for row in running.json("task", "ls")}, {1})

    def test_a_second_signal_gives_the_running_task_back_at_once(self):
        running = self.start_system()
        worker = self.start_slow(slots=1)
        running.cli("submit", "slow.gate", json.dumps(str(self.gate())))
        system.until(lambda: running.queue()["active"] == 1)
        worker.send_signal(signal.SIGTERM)
        system.until(lambda: self.rows()[0]["draining"], what="the drain")
        worker.send_signal(signal.SIGTERM)
        self.assertEqual(worker.wait(10 * system.PATIENCE), 0)
        system.until(lambda: running.queue()["queued"] == 1, what="the task given back")

    def test_it_joins_again_when_the_broker_was_restarted(self):
        running = self.start_system()
        worker = self.start_slow()
        running.cli("submit", "slow.gate", json.dumps(str(self.gate())), "--durability", "memory")
        system.until(lambda: running.queue()["active"] == 1)
        running.broker.kill()
        running.broker.wait()
        running.start_broker()
        system.until(lambda: [row["pid"] for row in self.rows()] == [worker.pid],
                     what="the worker's second JOIN")
        self.assertEqual(running.cli("submit", "slow.echo", "[2]", *ONCE).stdout, "[2]\n")

    def test_a_lease_outlives_a_silence_of_the_broker(self):
        running = self.start_system(broker_flags=["--heartbeat", "200ms", "--liveness", "1s"])
        worker = self.start_slow()
        gate = self.gate()
        blocked = self.submit_in_background("slow.gate", json.dumps(str(gate)))
        system.until(lambda: running.queue()["active"] == 1)
        running.broker.send_signal(signal.SIGSTOP)
        system.until(lambda: "heard nothing" in running.log_of(worker), what="the silence")
        running.broker.send_signal(signal.SIGCONT)
        system.until(lambda: running.log_of(worker).count("joined") >= 2, what="the second JOIN")
        gate.write_text("open")
        output, errors = blocked.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual((blocked.returncode, output), (0, '"open"\n'), errors)
        row, = running.json("task", "ls")
        self.assertEqual(row["attempts"], 1)


if __name__ == "__main__":
    system.main()
