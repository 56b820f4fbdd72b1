"""How waits at the gateway end when something else ends first: the broker, the gateway, the log."""

import contextlib
import fcntl
import json
import os
import re
import signal
import unittest

import gateway_system
import system
from gateway_system import JSON, PHOTOS

NUMBERS = b'{"numbers":[10,20,30,40]}'


class Ends(unittest.TestCase):
    def test_a_task_is_not_promised_by_a_broker_that_is_away(self):
        running = self.enterContext(gateway_system.GatewaySystem(processes=1))
        running.broker.kill()
        running.broker.wait()
        # Before the gateway has noticed, which takes seconds, and after.
        for wait in ("wait=0", "wait=1", "wait=60"):
            answer = running.post("/process", NUMBERS, {**JSON, "Prefer": wait})
            self.assertEqual((answer.status, answer.json()["code"]), (503, "unavailable"), wait)
            self.assertIn("Retry-After", answer.headers)
            self.assertNotIn("tasks", answer.json())

    # libzmq 4.3.4 loses the first frames of a message whose last one is on its way when the socket
    # closes, which the leak sanitizer sees. It has task_visit_test.cpp for the same question.
    @unittest.skipUnless(system.PATIENCE == 1, "the leak sanitizer would report libzmq")
    def test_a_stop_while_results_are_fetched_is_a_clean_one(self):
        running = self.enterContext(gateway_system.GatewaySystem(
            processes=1, gateway_flags=["--drain-timeout", "1ms"]))
        # Memory that is used after its end makes itself felt.
        running.environment["MALLOC_PERTURB_"] = "165"
        answer = running.upload(PHOTOS[0].read_bytes(), "?format=png&width=1800",
                                {"Prefer": "respond-async"})
        path = answer.headers["Location"]
        system.until(lambda: running.get(path).json()["state"] == "completed", seconds=60)
        request = f"GET {path}/result HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        for _ in range(5):
            system.end_process(running.gateway)
            running.start_gateway()
            with contextlib.ExitStack() as callers:
                connections = [callers.enter_context(running.connect()) for _ in range(40)]
                for connection in connections:
                    connection.sendall(request)
                self.assertTrue(connections[0].recv(1))
            # They have all gone, so that nobody is waited for while the others' results come.
            running.gateway.send_signal(signal.SIGTERM)
            self.assertEqual(running.gateway.wait(60 * system.PATIENCE), 0)

    def test_a_reader_of_the_log_who_stalls_keeps_nobody_from_going(self):
        running = self.enterContext(gateway_system.GatewaySystem(start_worker=False))
        system.end_process(running.gateway)
        running.access_log = running.folder / "access.fifo"
        os.mkfifo(running.access_log)
        reader = os.open(running.access_log, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        # Before there is more in it than that.
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        running.start_gateway()
        # More lines than the pipe holds.
        for _ in range(100):
            self.assertEqual(running.get("/healthz").status, 200)
        running.gateway.send_signal(signal.SIGTERM)
        self.assertEqual(running.gateway.wait(60 * system.PATIENCE), 0)
        self.assertRegex(running.log_of(running.gateway),
                         "access log: [0-9]+ lines lost: its reader")
        first = os.read(reader, 4096).splitlines()[0]
        self.assertIn("status", json.loads(first))

    def test_lines_that_cannot_be_written_are_counted_and_told(self):
        running = self.enterContext(gateway_system.GatewaySystem(start_worker=False))
        system.end_process(running.gateway)
        running.access_log = "/dev/full"
        running.start_gateway()
        for _ in range(5):
            running.get("/healthz")
        system.end_process(running.gateway)
        lost = re.findall(r"access log: (\d+) lines lost: No space",
                          running.log_of(running.gateway))
        self.assertGreaterEqual(sum(map(int, lost)), 5)


if __name__ == "__main__":
    system.main()
