"""kill -9 on real processes: nothing is lost, nothing is recorded twice, nobody is left behind."""

import json
import os
import pathlib
import shutil
import signal
import time
import unittest

import system

KILLS = 60 if system.LONG else 20
TASKS = 25_000 if system.LONG else 10_000


class Crashes(unittest.TestCase):
    def test_every_task_survives_the_kills_of_their_processes(self):
        running = self.enterContext(system.System(processes=2))
        lines = '{"ms":5}\n' * TASKS
        source = running.folder / "tasks.jsonl"
        source.write_text(lines)
        producer = running.start_cli("submit", "math.spin", "--from-jsonl", source, "--wait")
        self.addCleanup(system.end_process, producer)
        slowest = 0.0
        for _ in range(KILLS):
            slowest = max(slowest, self.kill_one_that_works(running))
        output, errors = producer.communicate(timeout=500 * system.PATIENCE)
        self.assertEqual(producer.returncode, 0, errors)
        self.assertEqual(len(output.splitlines()), TASKS)
        counts = running.queue()
        self.assertEqual(counts["completed"], TASKS)
        self.assertEqual(counts["dead"], 0)
        print(f"slowest return of a killed process: {slowest * 1000:.0f} ms")
        self.assertLess(slowest, 1.0 * system.PATIENCE)

    def kill_one_that_works(self, running):
        """Kills a process that holds a lease; returns how long it took until two were there."""

        def busy():
            return [row for row in running.worker_rows() if row["cpu_leases"] > 0]

        victim = system.until(busy, what="a process at work")[0]
        before = time.monotonic()
        system.kill(victim["pid"])

        def replaced():
            rows = running.worker_rows()
            return len(rows) == 2 and victim["pid"] not in [row["pid"] for row in rows]

        system.until(replaced, what="the return of a killed process")
        return time.monotonic() - before

    def test_after_a_crash_loop_all_processes_run_again_once_the_first_one_lasts(self):
        running = self.enterContext(system.System(processes=4))
        supervisor = running.workers[0]

        def in_a_crash_loop():
            for pid in children_of(supervisor.pid):
                system.kill(pid)
            return "only process 0" in running.log_of(supervisor)

        system.until(in_a_crash_loop, what="a crash loop")
        system.until(lambda: "starting all processes again" in running.log_of(supervisor), 60,
                     "the end of the crash loop")
        running.wait_for_workers(4)

    def test_a_process_comes_back_even_when_the_program_was_replaced_meanwhile(self):
        running = self.enterContext(system.System(processes=1, start_worker=False))
        program = running.folder / "penstock-worker"
        shutil.copy(system.BIN / "penstock-worker", program)
        running.start_worker(program=program)
        before = running.wait_for_workers(1)[0]
        program.unlink()
        system.kill(before["pid"])
        system.until(lambda: [row["pid"] for row in running.worker_rows()] not in
                     ([], [before["pid"]]), what="the return of the process")
        name = pathlib.Path(f"/proc/{running.worker_rows()[0]['pid']}/comm").read_text().strip()
        self.assertEqual(name, "penstock-worker")

    def test_idle_processes_of_a_quiet_broker_are_left_alone(self):
        running = self.enterContext(system.System(
            processes=1, broker_flags=["--heartbeat", "60s", "--liveness", "300s"]))
        process = running.worker_rows()[0]["pid"]
        before = turns_of(process)
        system.until(lambda: turns_of(process) > before, 10, "a turn of the idle loop")

    def test_a_second_signal_gives_the_running_tasks_back_at_once(self):
        running = self.enterContext(system.System(processes=1))
        running.cli("submit", "math.spin", '{"ms":600000,"ignore_cancel":true}')
        system.until(lambda: running.queue()["active"] == 1)
        worker = running.workers[0]
        worker.send_signal(signal.SIGTERM)
        system.until(lambda: running.worker_rows()[0]["draining"], what="the drain")
        worker.send_signal(signal.SIGINT)
        self.assertEqual(worker.wait(10 * system.PATIENCE), 0)
        system.until(lambda: running.queue()["queued"] == 1, what="the task given back")

    def test_no_orphan_is_left_when_the_supervisor_is_killed(self):
        running = self.enterContext(system.System(processes=2))
        supervisor = running.workers[0]
        children = system.until(lambda: children_of(supervisor.pid))
        self.assertGreaterEqual(len(children), 3)  # two processes and the reporter
        supervisor.kill()
        supervisor.wait()
        system.until(lambda: not any(system.is_running(pid) for pid in children), 5,
                     "the end of all children")

    def test_rule_10_a_task_that_always_kills_its_process_is_poison_and_stops_nobody(self):
        running = self.enterContext(system.System(processes=2, threads=2))
        neighbours = running.folder / "neighbours.jsonl"
        neighbours.write_text('{"ms":50}\n' * 100)
        innocent = running.start_cli("submit", "math.spin", "--from-jsonl", neighbours, "--wait")
        self.addCleanup(system.end_process, innocent)
        poison = running.cli("submit", "test.crash", '{"signal":9}', "--wait")
        self.assertEqual(poison.returncode, 9, poison.stdout)
        self.assertIn("poison", poison.stderr)
        _, errors = innocent.communicate(timeout=60 * system.PATIENCE)
        self.assertEqual(innocent.returncode, 0, errors)
        dead = running.json("task", "ls", "--state", "dead")
        self.assertEqual([(row["type"], row["dead_reason"]) for row in dead],
                         [("test.crash", "poison")])
        self.assertIn("signal 9", dead[0]["error"]["message"])

    def test_rule_12_a_time_limit_ends_the_process_and_charges_no_neighbour(self):
        running = self.enterContext(system.System(processes=1))
        slow = running.start_cli("submit", "math.sleep", '{"ms":3000}', "--wait",
                                 "--max-attempts", "1")
        self.addCleanup(system.end_process, slow)
        system.until(lambda: running.queue()["active"] == 1)
        answer = running.cli("submit", "math.spin", '{"ms":60000,"ignore_cancel":true}', "--wait",
                             "--time-limit", "500ms", "--max-attempts", "1")
        self.assertEqual(answer.returncode, 9)
        self.assertIn("time limit", answer.stderr)
        output, errors = slow.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(slow.returncode, 0, errors)
        self.assertEqual(json.loads(output)["slept_ms"], 3000)

    def test_rule_7_heartbeats_go_on_while_cores_are_shared_by_four(self):
        processes = 4 * len(os.sched_getaffinity(0))
        liveness_ms = int(1500 * system.PATIENCE)
        running = self.enterContext(system.System(processes=processes, broker_flags=[
            "--heartbeat", "200ms", "--liveness", f"{liveness_ms}ms"]))
        tasks = running.folder / "tasks.jsonl"
        spin = json.dumps({"ms": 2 * liveness_ms, "ignore_cancel": True})
        tasks.write_text(f"{spin}\n" * processes)
        answer = running.cli("submit", "math.spin", "--from-jsonl", tasks, "--wait")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        rows = running.json("task", "ls", "--type", "math.spin")
        self.assertEqual([row["attempts"] for row in rows], [1] * processes)

    def test_a_stopped_worker_drains_what_it_runs(self):
        running = self.enterContext(system.System(processes=2))
        waiting = running.start_cli("submit", "math.sleep", '{"ms":1500}', "--wait")
        self.addCleanup(system.end_process, waiting)
        system.until(lambda: running.queue()["active"] == 1)
        running.workers[0].send_signal(signal.SIGTERM)
        output, errors = waiting.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(waiting.returncode, 0, errors)
        self.assertEqual(json.loads(output)["slept_ms"], 1500)
        self.assertEqual(running.workers[0].wait(30 * system.PATIENCE), 0)
        self.assertEqual(running.json("task", "ls")[0]["attempts"], 1)

    def test_rule_6_a_drain_ends_at_its_deadline_and_charges_no_attempt(self):
        running = self.enterContext(system.System(
            processes=1, worker_flags=["--drain-timeout", "1s"]))
        running.cli("submit", "math.spin", '{"ms":600000,"ignore_cancel":true}', "--max-attempts",
                    "1")
        system.until(lambda: running.queue()["active"] == 1)
        before = time.monotonic()
        running.workers[0].send_signal(signal.SIGTERM)
        running.workers[0].wait(20 * system.PATIENCE)
        self.assertLess(time.monotonic() - before, 6 * system.PATIENCE)
        system.until(lambda: running.queue()["queued"] == 1, what="the task given back")


def turns_of(pid):
    """How often a process's first thread has waited for something."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])


def children_of(pid):
    """The ids of a process's children."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


if __name__ == "__main__":
    system.main()
