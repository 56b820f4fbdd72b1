"""`penstock up`: a broker and workers from one command, and their orderly end."""

import json
import os
import pathlib
import signal
import socket
import time
import unittest

import system


class Household(system.System):
    """A System whose broker and workers are started by `penstock up`."""

    def __init__(self, *flags, data="data", backend=None, endpoint_flags=True, **environment):
        super().__init__(start_worker=False, backend=backend)
        self.flags = ["--data", self.folder / data, "--metrics", "off", *flags]
        if not any(flag in ("--listen", "--no-gateway") for flag in flags):
            self.flags.append("--no-gateway")
        if endpoint_flags:
            self.flags += ["--frontend", self.frontend, "--backend", self.backend]
        self.environment |= environment

    def start_broker(self):
        self.broker = self.spawn(system.BIN / "penstock", "up", *self.flags)
        system.until(lambda: self.cli("queue", "ls").returncode == 0, what="the first answer")
        return self.broker


class Up(unittest.TestCase):
    def test_what_no_flag_says_is_the_environment_to_decide(self):
        running = self.enterContext(Household(PENSTOCK_WORKER_PROCESSES="3"))
        running.wait_for_workers(3)

    def test_a_flag_goes_before_the_environment(self):
        running = self.enterContext(
            Household("--processes", "1", PENSTOCK_WORKER_PROCESSES="3"))
        running.wait_for_workers(1)

    def test_the_endpoints_may_come_from_the_environment(self):
        running = Household("--processes", "1", endpoint_flags=False)
        running.environment |= {"PENSTOCK_BROKER_FRONTEND": running.frontend,
                                "PENSTOCK_BROKER_BACKEND": running.backend}
        self.enterContext(running)
        running.wait_for_workers(1)

    def test_broker_and_workers_read_their_sections_of_the_file(self):
        running = Household(endpoint_flags=False)
        file = running.folder / "penstock.toml"
        file.write_text(f'[broker]\nfrontend = "{running.frontend}"\n'
                        f'backend = "{running.backend}"\nqueue-tasks-max = 1\n'
                        '[worker]\nprocesses = 3\ndrain-timeout = "50ms"\n')
        running.flags += ["--config", file]
        self.enterContext(running)
        running.wait_for_workers(3)
        running.cli("submit", "math.spin", '{"ms":600000,"ignore_cancel":true}')
        self.assertEqual(running.cli("submit", "math.double", "[1]").returncode, 5)
        running.broker.send_signal(signal.SIGTERM)
        self.assertEqual(running.broker.wait(20 * system.PATIENCE), 0)

    def test_the_address_of_another_broker_is_refused(self):
        running = self.enterContext(system.System(start_worker=False))
        answer = running.cli("up", "--data", running.folder / "data", "-s", running.frontend)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("--frontend", answer.stderr)

    def test_a_broker_that_dies_while_tasks_finish_is_started_again(self):
        running = self.enterContext(Household("--processes", "1"))
        running.cli("submit", "math.spin", '{"ms":600000,"ignore_cancel":true}')
        system.until(lambda: running.queue()["active"] == 1)
        children = pathlib.Path(
            f"/proc/{running.broker.pid}/task/{running.broker.pid}/children").read_text().split()
        broker, = [pid for pid in children
                   if os.readlink(f"/proc/{pid}/exe").endswith("/penstock-broker")]
        running.broker.send_signal(signal.SIGTERM)
        # On a busy machine there may be no row for a moment.
        system.until(lambda: any(row["draining"] for row in running.worker_rows()),
                     what="the drain")
        system.kill(int(broker))
        system.until(lambda: running.cli("queue", "ls").returncode == 0, what="the new broker")
        running.broker.send_signal(signal.SIGTERM)
        running.broker.wait(10 * system.PATIENCE)

    def test_an_endpoint_for_others_is_allowed_to_broker_and_workers(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # A folder whose name is too long for a socket, so that the workers take the port.
        running = self.enterContext(Household("--insecure", "--processes", "1", data="d" * 120,
                                              backend=f"tcp://0.0.0.0:{port}"))
        running.wait_for_workers(1)

    def test_a_signal_lets_running_tasks_finish(self):
        running = self.enterContext(Household("--processes", "1"))
        waiting = running.start_cli("submit", "math.sleep", '{"ms":1500}', "--wait")
        self.addCleanup(system.end_process, waiting)
        system.until(lambda: running.queue()["active"] == 1)
        running.broker.send_signal(signal.SIGTERM)
        output, errors = waiting.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(waiting.returncode, 0, errors)
        self.assertEqual(json.loads(output)["slept_ms"], 1500)
        self.assertEqual(running.broker.wait(30 * system.PATIENCE), 0)

    def test_a_second_signal_stops_everything_now(self):
        running = self.enterContext(Household("--processes", "1"))
        running.cli("submit", "math.spin", '{"ms":600000,"ignore_cancel":true}')
        system.until(lambda: running.queue()["active"] == 1)
        running.broker.send_signal(signal.SIGINT)
        # On a busy machine there may be no row for a moment.
        system.until(lambda: any(row["draining"] for row in running.worker_rows()),
                     what="the drain")
        before = time.monotonic()
        running.broker.send_signal(signal.SIGINT)
        running.broker.wait(10 * system.PATIENCE)
        self.assertLess(time.monotonic() - before, 5 * system.PATIENCE)


if __name__ == "__main__":
    system.main()
