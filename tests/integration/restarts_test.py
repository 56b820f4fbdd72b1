"""The broker goes away and comes back; `penstock up` keeps everything running."""

import json
import os
import pathlib
import signal
import subprocess
import unittest

import system


class Restarts(unittest.TestCase):
    def test_workers_join_again_and_waiters_are_told_what_was_lost(self):
        running = self.enterContext(system.System(processes=2))
        before = {row["pid"] for row in running.worker_rows()}
        waiter = running.start_cli("submit", "math.sleep", '{"ms":60000}', "--wait",
                                   "--durability", "memory")
        self.addCleanup(system.end_process, waiter)
        system.until(lambda: running.queue()["active"] == 1)
        running.broker.kill()
        running.broker.wait()
        running.start_broker()
        _, errors = waiter.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(waiter.returncode, 1)
        self.assertIn("restarted", errors)
        rows = running.wait_for_workers(2)
        self.assertEqual({row["pid"] for row in rows}, before)
        answer = running.cli("submit", "math.double", "[4]", "--wait")
        self.assertEqual(json.loads(answer.stdout), [8])

    def test_a_caller_waits_for_a_broker_that_is_just_starting(self):
        running = self.enterContext(system.System(processes=1))
        system.end_process(running.broker)
        caller = running.start_cli("submit", "math.double", "[5]", "--wait")
        self.addCleanup(system.end_process, caller)
        running.start_broker()
        output, errors = caller.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual((caller.returncode, output), (0, "[10]\n"), errors)

    def test_up_restarts_what_dies_and_stops_everything_it_started(self):
        running = self.enterContext(system.System(start_worker=False))
        system.end_process(running.broker)
        data = running.folder / "data"
        up = running.spawn(system.BIN / "penstock", "up", "--data", data, "--frontend",
                           running.frontend, "--backend", running.backend, "--processes", "2",
                           "--metrics", "off", "--listen", "http://127.0.0.1:0")
        self.addCleanup(system.end_process, up)
        running.wait_for_workers(2)
        broker, = [pid for pid in children_of(up.pid) if program_of(pid) == "penstock-broker"]
        system.kill(broker)
        system.until(lambda: running.cli("queue", "ls").returncode == 0)
        running.wait_for_workers(2)
        descendants = [pid for child in children_of(up.pid)
                       for pid in [child, *children_of(child)]]
        self.assertGreaterEqual(len(descendants), 6)
        up.send_signal(signal.SIGTERM)
        self.assertEqual(up.wait(30 * system.PATIENCE), 0)
        self.assertEqual([pid for pid in descendants if system.is_running(pid)], [])

    def test_two_of_them_cannot_share_a_data_folder(self):
        running = self.enterContext(system.System(start_worker=False))
        data = running.folder / "data"
        flags = ["--data", data, "--metrics", "off", "--no-gateway", "--frontend"]
        system.end_process(running.broker)
        up = running.spawn(system.BIN / "penstock", "up", *flags, running.frontend, "--backend",
                           running.backend)
        self.addCleanup(system.end_process, up)
        system.until(lambda: running.cli("queue", "ls").returncode == 0)
        second = subprocess.run(
            [system.BIN / "penstock", "up", *flags, f"ipc://{running.folder}/other.sock"],
            env=os.environ, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(str(data), second.stderr)


def children_of(pid):
    """The ids of a process's children."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def program_of(pid):
    """The name of the program that a process runs."""
    return pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name


if __name__ == "__main__":
    system.main()
