"""Tests penstock_client.py, and through it docs/PROTOCOL.md, against a running system:

    /usr/bin/python3 client_test.py --frontend ipc:///tmp/x/f.sock [unittest arguments]

The workers must offer math.double, math.square, math.sum and math.sleep and serve every queue.
"""
import argparse
import os
import re
import sys
import time
import unittest

import msgpack
import zmq
from zmq.utils.monitor import recv_monitor_message

import penstock_client as penstock
from penstock_client import Client, PenstockError, Task, new_id

FRONTEND = None
PATIENCE = 30.0  # seconds until a test gives up waiting for a message
FINAL = ("completed", "dead", "cancelled", "expired")


def code(name):
    return penstock.ERRORS.index(name)


def own_queue():
    """A queue that no other test uses."""
    return "test-" + new_id().hex()


class Raw:
    """A DEALER without any manners, for messages that the client would never send."""

    def __init__(self, hello=True):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.socket.connect(FRONTEND)
        if hello:
            self.send([1, penstock.HELLO, "raw", None])
            self.welcome = self.receive(penstock.WELCOME)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.disable_monitor()
        self.monitor.close()
        self.socket.close()

    def send(self, header, *frames):
        header = header if isinstance(header, bytes) else msgpack.packb(header)
        self.socket.send_multipart([header, *frames])

    def receive(self, *kinds):
        """The fields of the next message of one of these kinds; any other kind is an error."""
        if not self.socket.poll(PATIENCE * 1000):
            raise TimeoutError("no answer from the broker")
        version, kind, *fields = msgpack.unpackb(self.socket.recv_multipart()[0])
        if version != 1 or kind not in kinds:
            raise AssertionError(f"kind {kind} of version {version}: {fields}")
        return fields

    def refusal(self):
        """The name of the error and the ids of a REFUSAL."""
        number, message, retry_after_ms, ids = self.receive(penstock.REFUSAL)
        assert isinstance(message, str) and isinstance(retry_after_ms, int)
        return penstock.ERRORS[number], ids

    def wait_for_cut(self):
        if not self.monitor.poll(PATIENCE * 1000):
            raise TimeoutError("the connection was not cut")
        recv_monitor_message(self.monitor)


def submit(tasks, type="math.double", queue="default", durability=1, notify=False):
    """A SUBMIT as the document writes it."""
    return [1, penstock.SUBMIT, type, queue, [durability, 0, 0, 0, 0, notify, 0, 0, 0, 0], tasks]


class Ends(unittest.TestCase):
    """Submitting, and what comes of it."""

    def setUp(self):
        self.client = Client(FRONTEND, "client-test", timeout=PATIENCE).connect()
        self.addCleanup(self.client.close)

    def run_one(self, type, args=None, payload=b"", **options):
        return self.client.wait([self.client.submit(type, args, payload, **options)])[0]

    def assert_dead(self, outcome, reason, error):
        self.assertEqual((outcome.state, outcome.dead_reason), ("dead", reason))
        self.assertEqual(outcome.error.name, error)
        self.assertRaises(PenstockError, outcome.value)

    def test_one(self):
        outcome = self.run_one("math.double", 21)
        self.assertEqual((outcome.value(), outcome.state, outcome.dead_reason, outcome.error),
                         (42, "completed", "none", None))
        self.assertEqual(outcome.attempts, 1)

    def test_types(self):
        self.assertEqual(self.run_one("math.square", 12).value(), 144)
        self.assertEqual(self.run_one("math.sum", [1, 2, 3, 4]).value(), 10)
        self.assertEqual(self.run_one("math.sleep", {"ms": 20}).state, "completed")

    def test_site(self):
        outcome = self.run_one("math.sleep", {"ms": 20})
        host, pid, process = outcome.site
        self.assertTrue(host)
        self.assertGreater(pid, 1)
        self.assertGreaterEqual(process, 0)
        self.assertGreaterEqual(outcome.thread, 0)
        self.assertGreaterEqual(outcome.run_us, 19_000)

    def test_bulk(self):
        ids = self.client.submit_many("math.double", range(5000))
        self.assertEqual(len(set(ids)), 5000)
        outcomes = self.client.wait(ids)
        self.assertEqual([outcome.id for outcome in outcomes], ids)
        self.assertEqual([outcome.value() for outcome in outcomes], [2 * i for i in range(5000)])
        self.assertTrue(all(outcome.site for outcome in outcomes))

    def test_bulk_without_notify_is_awaited(self):
        ids = self.client.submit_many("math.square", range(1500), notify=False)
        self.assertEqual([outcome.value() for outcome in self.client.wait(ids)],
                         [i * i for i in range(1500)])

    def test_unknown_type(self):
        outcome = self.run_one("math.no-such-type", 1)
        self.assert_dead(outcome, "no_handler", "no_handler")
        self.assertIsNone(outcome.site)

    def test_arguments_of_a_wrong_type(self):
        self.assert_dead(self.run_one("math.double", "text"), "rejected", "rejected")

    def test_arguments_that_are_not_messagepack(self):
        task = Task()
        task.bodies = b"\xc1", b""
        id, = self.client.submit_many("math.double", [task])
        self.assert_dead(self.client.wait([id])[0], "rejected", "rejected")

    def test_durability_is_refused(self):
        with self.assertRaises(PenstockError) as caught:
            self.client.submit_many("math.double", [1, 2], durability=penstock.REPLICATED)
        self.assertEqual(caught.exception.name, "durability")
        self.assertEqual(len(caught.exception.refused), 2)
        for id in caught.exception.refused:
            self.assertIsNone(next(self.client.query("task", id), None))

    def test_same_id_again(self):
        queue = own_queue()
        id = self.client.submit("math.double", 4, queue=queue)
        self.assertEqual(self.client.submit("math.double", 4, id=id, queue=queue), id)
        first = self.client.wait([id])[0]
        self.client.submit("math.double", 5, id=id, queue=queue)  # too late for other arguments
        self.assertEqual(self.client.wait([id])[0], first)
        self.assertEqual((first.value(), first.attempts), (8, 1))
        self.assertEqual([row.id for row in self.client.query("tasks", queue=queue)], [id])

    def test_await_from_another_client(self):
        running = self.client.submit("math.sleep", {"ms": 300}, notify=False)
        with Client(FRONTEND, "other", timeout=PATIENCE) as other:
            other.await_ids([running])
            self.assertEqual(other.wait([running])[0].state, "completed")
            finished, = self.client.wait([running])
            self.assertEqual((finished.state, finished.id), ("completed", running))

    def test_await_twice(self):
        id = self.client.submit("math.sum", [1, 2])
        self.assertEqual([self.client.wait([id])[0].value() for _ in range(3)], [3, 3, 3])

    def test_await_unknown(self):
        known, unknown = self.client.submit("math.double", 1), new_id()
        outcomes = self.client.wait([unknown, known])
        self.assertEqual(outcomes[0].error.name, "not_found")
        self.assertEqual((outcomes[0].state, outcomes[1].value()), ("", 2))
        with self.assertRaises(PenstockError) as caught:
            outcomes[0].value()
        self.assertEqual(caught.exception.name, "not_found")

    def test_cancel(self):
        running = self.client.submit("math.sleep", {"ms": 60_000})
        while next(self.client.query("task", running)).state != penstock.STATES.index("active"):
            pass
        others = self.client.submit_many("math.sleep", [{"ms": 60_000}] * 20)
        told = self.client.cancel([running, *others])
        self.assertEqual(told, dict.fromkeys([running, *others]))
        for outcome in self.client.wait([running, *others]):
            self.assertEqual((outcome.state, outcome.dead_reason), ("cancelled", "none"))
            self.assertEqual(outcome.error.name, "cancelled")

    def test_cancel_in_vain(self):
        finished, unknown = self.client.submit("math.double", 1), new_id()
        self.client.wait([finished])
        told = self.client.cancel([finished, unknown])
        self.assertEqual((told[finished].name, told[unknown].name), ("conflict", "not_found"))

    def test_time_limit(self):
        outcome = self.run_one("math.sleep", {"ms": 60_000}, time_limit_ms=200, max_attempts=1)
        self.assert_dead(outcome, "time_limit", "time_limit")

    def test_timed_out(self):
        id = self.client.submit("math.sleep", {"ms": 60_000})
        with self.assertRaises(PenstockError) as caught:
            self.client.wait([id], timeout=0.1)
        self.assertEqual(caught.exception.name, "timed_out")
        self.client.cancel([id])
        self.assertEqual(self.client.wait([id])[0].state, "cancelled")


class Sizes(unittest.TestCase):
    def setUp(self):
        self.client = Client(FRONTEND, "client-test", timeout=PATIENCE).connect()
        self.addCleanup(self.client.close)

    def test_payloads(self):
        sizes = [0, 1, 64 << 10, (64 << 10) + 1, 100 << 10, 5 << 20]
        tasks = [Task(i, os.urandom(size)) for i, size in enumerate(sizes)]
        ids = self.client.submit_many("math.double", tasks)
        self.assertEqual([o.value() for o in self.client.wait(ids)], [0, 2, 4, 6, 8, 10])

    def test_headers_and_messages_are_cut_at_their_limits(self):
        inline = [Task(i, bytes(60 << 10)) for i in range(40)]
        framed = [Task(40 + i, bytes(8 << 20)) for i in range(10)]
        outcomes = self.client.wait(self.client.submit_many("math.double", inline + framed))
        self.assertEqual([o.value() for o in outcomes], [2 * i for i in range(50)])

    def test_arguments_in_their_own_frame(self):
        numbers = list(range(50_000))
        id = self.client.submit("math.sum", numbers, b"x" * (100 << 10))
        self.assertEqual(self.client.wait([id])[0].value(), sum(numbers))

    def test_the_client_refuses_what_would_cut_the_connection(self):
        small, large = Task(1), Task(1, bytes(self.client.body_max + 1))
        with self.assertRaises(PenstockError) as caught:
            self.client.submit_many("math.double", [large, small])
        self.assertEqual(caught.exception.name, "too_large")
        self.assertEqual(list(caught.exception.refused), [large.id])
        self.assertEqual(self.client.wait([small.id])[0].value(), 2)

    def test_one_byte_too_large(self):
        """The refusal names the task; or no id, and then nothing of the message is accepted."""
        with Raw() as raw:
            small, large = new_id(), new_id()
            tasks = [[small, msgpack.packb(1), None], [large, None, 1]]
            raw.send(submit(tasks), bytes(raw.welcome[4] + 1))
            *_, receipt = message = raw.receive(penstock.RECEIPT, penstock.REFUSAL)
            if receipt == small:
                message = raw.receive(penstock.REFUSAL)
            self.assertEqual(message[0], code("too_large"))
            self.assertEqual(message[3], large if receipt == small else b"")
        accepted = [id for id in (small, large) if list(self.client.query("task", id))]
        self.assertEqual(accepted, [small] if receipt == small else [])

    def test_far_too_large_cuts_the_connection(self):
        with Raw() as raw:
            raw.send(submit([[new_id(), None, 1]]), bytes(raw.welcome[4] + (2 << 20)))
            raw.wait_for_cut()
            raw.send([1, penstock.HEARTBEAT])  # arrives over the new connection
            self.assertEqual(raw.refusal(), ("no_session", b""))

    def test_message_too_large(self):
        with Raw() as raw:
            ids = [new_id() for _ in range(3)]
            tasks = [[id, None, frame] for frame, id in enumerate(ids, 1)]
            raw.send(submit(tasks), *[bytes(22 << 20)] * 3)
            name, named = raw.refusal()
            self.assertEqual(name, "too_large")
            self.assertIn(named, (b"", b"".join(ids)))


class Looking(unittest.TestCase):
    def setUp(self):
        self.client = Client(FRONTEND, "client-test", timeout=PATIENCE).connect()
        self.addCleanup(self.client.close)

    def test_task(self):
        started, queue = int(time.time() * 1000), own_queue()
        id = self.client.submit("math.sleep", {"ms": 30}, queue=queue, max_attempts=3)
        outcome, = self.client.wait([id])
        row, = self.client.query("task", id)
        self.assertEqual((row.id, row.type, row.queue), (id, "math.sleep", queue))
        self.assertEqual(penstock.STATES[row.state], "completed")
        self.assertEqual((row.dead_reason, row.attempts, row.max_attempts, row.error),
                         (0, 1, 3, None))
        self.assertLessEqual(started - 1000, row.created_at)
        self.assertLessEqual(row.created_at, row.started_at)
        self.assertLessEqual(row.started_at, row.finished_at)
        self.assertEqual((tuple(row.site), row.thread, row.run_us),
                         (outcome.site, outcome.thread, outcome.run_us))
        self.assertLessEqual(row.permille, 1000)

    def test_unknown_task_has_no_rows(self):
        self.assertEqual(list(self.client.query("task", new_id())), [])

    def test_tasks_page_by_page(self):
        queue = own_queue()
        ids = set(self.client.submit_many("math.double", range(250), queue=queue))
        ids |= set(self.client.submit_many("math.square", range(50), queue=queue))
        self.client.wait(ids)

        def found(**filters):
            rows = [row.id for row in self.client.query("tasks", queue=queue, page=70, **filters)]
            self.assertEqual(len(rows), len(set(rows)))
            return set(rows)

        self.assertEqual(found(), ids)
        self.assertEqual(found(state="completed"), ids)
        self.assertEqual(found(state="queued"), set())
        self.assertEqual(len(found(type="math.square")), 50)
        self.assertEqual(found(type="math.none"), set())

    def test_queues(self):
        queue = own_queue()
        self.client.wait(self.client.submit_many("math.double", range(10), queue=queue))
        row, = [row for row in self.client.query("queues") if row.name == queue]
        self.assertEqual(len(row.counts), 9)
        self.assertEqual(row.counts[penstock.STATES.index("completed") - 1], 10)
        self.assertEqual(row.counts[penstock.STATES.index("queued") - 1], 0)

    def test_workers(self):
        outcome, = self.client.wait([self.client.submit("math.double", 1)])
        rows = list(self.client.query("workers"))
        self.assertIn(outcome.site, [(row.host, row.pid, row.process) for row in rows])
        for row in rows:
            self.assertEqual((len(row.worker), len(row.slots), len(row.leases)), (16, 2, 2))
            self.assertIn("math.double", row.types)
            self.assertFalse(row.draining)

    def test_broker(self):
        row, = self.client.query("broker")
        self.assertEqual((row.version, row.epoch), (self.client.version, self.client.epoch))
        self.assertGreaterEqual(row.workers, 1)
        self.assertGreater(row.started_at, 1_600_000_000_000)


class Manners(unittest.TestCase):
    """What the broker says to messages that break the rules."""

    def test_welcome(self):
        with Raw() as raw:
            epoch, version, heartbeat_ms, liveness_ms, body_max, batch_max, lent = raw.welcome
            self.assertIsNone(lent)
            self.assertTrue(version)
            self.assertLess(heartbeat_ms, liveness_ms)
            self.assertEqual(batch_max, 1024)

    def test_version(self):
        for hello in (True, False):
            with Raw(hello) as raw:
                raw.send([9, penstock.HELLO, "future", {"unknown": "shape"}])
                number, message, _, ids = raw.receive(penstock.REFUSAL)
                self.assertEqual((penstock.ERRORS[number], ids), ("version", b""))
                self.assertEqual(set(re.findall(r"\d+", message)), {"1", "9"})

    def test_no_session(self):
        messages = ([penstock.HEARTBEAT], submit([[new_id(), None, None]])[1:],
                    [penstock.AWAIT, new_id()], [penstock.CANCEL, new_id()],
                    [penstock.QUERY, 1, 5, None, 0, "", "", 0, 10])
        with Raw(hello=False) as raw:
            for message in messages:
                raw.send([1, *message])
                self.assertEqual(raw.refusal(), ("no_session", b""), message)
            raw.send([1, penstock.HELLO, "late", None])
            raw.receive(penstock.WELCOME)

    def test_goodbye_ends_the_session(self):
        with Raw() as raw:
            raw.send([1, penstock.GOODBYE])
            raw.send([1, penstock.HEARTBEAT])
            self.assertEqual(raw.refusal()[0], "no_session")

    def test_heartbeat_is_answered(self):
        with Raw() as raw:
            raw.send([1, penstock.HEARTBEAT])
            self.assertEqual(raw.receive(penstock.HEARTBEAT), [])

    def malformed(self):
        id, hello = new_id(), [1, penstock.HELLO]
        yield "empty", b""
        yield "not MessagePack", b"\xc1"
        yield "cut off", msgpack.packb(submit([[id, None, None]]))[:-1]
        yield "bytes after the array", msgpack.packb([1, penstock.HEARTBEAT]) + b"\xc0"
        yield "map", {0: 1, 1: penstock.HEARTBEAT}
        yield "no kind", [1]
        yield "unknown kind", [1, 99]
        yield "kind of a broker", [1, penstock.RECEIPT, 1, id]
        yield "missing field", hello
        yield "surplus field", [*hello, "name", None, 1]
        yield "mistyped field", [*hello, 7, None]
        yield "bin for str", [*hello, b"name", None]
        yield "empty name", [*hello, "", None]
        yield "long name", [*hello, "n" * 129, None]
        yield "bad character", [*hello, "a b", None]
        yield "half a memory", [*hello, "name", ["domain", "segment", 1]]
        yield "no domain", [*hello, "name", ["", "segment", 1, 1]]
        yield "half an id", [1, penstock.AWAIT, id + b"x"]
        yield "short id", submit([[id[:15], None, None]])
        yield "negative number", submit([[id, None, None]], durability=-1)
        yield "number for bool", submit([[id, None, None]], notify=1)
        yield "body is a str", submit([[id, "text", None]])
        yield "no such body frame", submit([[id, 1, None]])
        yield "1,025 ids", [1, penstock.CANCEL, id * 1025]
        yield "1,025 tasks", submit([[new_id(), None, None] for _ in range(1025)])
        yield "header over 1 MiB", submit([[new_id(), bytes(60_000), None] for _ in range(18)])
        yield "limit of a page", [1, penstock.QUERY, 1, 2, None, 0, "", "", 0, 1001]

    def test_malformed(self):
        with Raw() as raw:
            for what, header in self.malformed():
                with self.subTest(what):
                    raw.send(header)
                    self.assertEqual(raw.refusal()[0], "malformed")
                    raw.send([1, penstock.HEARTBEAT])  # and the session goes on
                    raw.receive(penstock.HEARTBEAT)

    def test_malformed_body_frames(self):
        with Raw() as raw:
            for what, args, payload, frames in (("named twice", 1, 1, 1), ("not named", 1, None, 2),
                                                ("frame 0", 0, None, 1)):
                with self.subTest(what):
                    raw.send(submit([[new_id(), args, payload]]), *[msgpack.packb(1)] * frames)
                    self.assertEqual(raw.refusal()[0], "malformed")

    def test_a_body_in_memory_that_is_not_shared_has_no_session(self):
        for hello in (True, False):
            with Raw(hello) as raw:
                raw.send(submit([[new_id(), msgpack.packb(1), ["segment", 1, 1, 100]]]))
                self.assertEqual(raw.refusal(), ("no_session", b""))

    def test_signed_encoding_of_uint(self):
        """A non-negative signed integer counts as a uint, and so does a longer encoding."""
        with Raw() as raw:
            raw.send(b"\x94" + b"\xd0\x01" + b"\xd3\0\0\0\0\0\0\0\x01" + b"\xa1n\xc0")  # HELLO
            raw.receive(penstock.WELCOME)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--frontend", required=True)
    options, rest = parser.parse_known_args()
    FRONTEND = options.frontend
    unittest.main(argv=[sys.argv[0], *rest])
