"""Tests how penstock_client.py recovers, against a scripted broker that stages silence, restarts,
refusals and lost sessions. Needs no running system:

    /usr/bin/python3 recovery_test.py [unittest arguments]
"""
import tempfile
import threading
import time
import unittest

import msgpack
import zmq

import penstock_client as penstock
from penstock_client import Client, PenstockError, Task, new_id

PATIENCE = 30.0  # seconds until a test gives up waiting for a message


def code(name):
    return penstock.ERRORS.index(name)


class ScriptedBroker:
    """A ROUTER that follows a test's script in a thread of its own."""

    def __init__(self, script, epoch=1):
        self.script, self.epoch, self.failure = script, epoch, None
        self.heartbeats, self.answering, self.skipped = 0, True, None
        self.directory = tempfile.TemporaryDirectory()
        self.endpoint = f"ipc://{self.directory.name}/frontend"
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        self.ready.wait(PATIENCE)
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.directory.cleanup()
        if self.failure:
            raise self.failure

    def run(self):
        with zmq.Context.instance().socket(zmq.ROUTER) as self.socket:
            self.socket.bind(self.endpoint)
            self.ready.set()
            try:
                self.script(self)
                self.expect(penstock.GOODBYE)
            except Exception as failure:
                self.failure = failure

    def expect(self, kind):
        """The peer and the fields of the next message but HEARTBEAT, which must be of this kind."""
        while self.socket.poll(PATIENCE * 1000):
            self.peer, header, *_ = self.socket.recv_multipart()
            version, got, *fields = msgpack.unpackb(header)
            if got == kind:
                return self.peer, fields
            if got not in (penstock.HEARTBEAT, self.skipped):
                raise AssertionError(f"kind {got} instead of {kind}: {fields}")
            self.heartbeats += got == penstock.HEARTBEAT
            if self.answering:
                self.reply(penstock.HEARTBEAT)
        raise TimeoutError(f"no message of kind {kind}")

    def skip(self, kind):
        """From now on messages of this kind may come, too, where they are not expected."""
        self.skipped = kind

    def reply(self, *fields):
        self.socket.send_multipart([self.peer, msgpack.packb([1, *fields])])

    def refuse(self, name, retry_after_ms=0, ids=b""):
        self.reply(penstock.REFUSAL, code(name), "because", retry_after_ms, ids)

    def welcome(self, heartbeat_ms=50, liveness_ms=300):
        peer, _ = self.expect(penstock.HELLO)
        self.reply(penstock.WELCOME, self.epoch, "scripted", heartbeat_ms, liveness_ms, 1 << 20, 2,
                   None)
        return peer

    def result(self, *ids):
        rows = [[id, 6, 0, 1, 0, 0, 5, None, msgpack.packb(7), None] for id in ids]
        self.reply(penstock.RESULT, [["host", 2, 3]], rows)


def ids_of(submit_fields):
    return [task[0] for task in submit_fields[3]]


class Recovery(unittest.TestCase):
    """What the client does when things go wrong."""

    def test_submits_again_when_no_receipt_comes(self):
        def script(broker):
            broker.welcome()
            seen = [ids_of(broker.expect(penstock.SUBMIT)[1]) for _ in range(3)]
            self.assertTrue(seen[0] == seen[1] == seen[2])
            broker.reply(penstock.RECEIPT, 1, seen[0][0])
            broker.refuse("too_large", ids=seen[0][1])
            _, (awaited,) = broker.expect(penstock.AWAIT)  # notify may not hold for known ids
            self.assertEqual(awaited, seen[0][0])
            broker.result(seen[0][0])

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            tasks = [Task(1), Task(2)]
            with self.assertRaises(PenstockError) as caught:
                client.submit_many("t", tasks)
            self.assertEqual(list(caught.exception.refused), [tasks[1].id])
            outcome, = client.wait([tasks[0].id])
            self.assertEqual((outcome.value(), outcome.site), (7, ("host", 2, 3)))

    def test_starts_anew_after_silence(self):
        def script(broker):
            first = broker.welcome()
            broker.answering = False
            ids = ids_of(broker.expect(penstock.SUBMIT)[1])
            broker.skip(penstock.SUBMIT)  # it may come once more before the silence is long enough
            self.assertNotEqual(first, broker.welcome())
            broker.answering = True
            self.assertEqual(ids_of(broker.expect(penstock.SUBMIT)[1]), ids)
            broker.result(*ids)  # a result may overtake the receipt
            broker.reply(penstock.RECEIPT, 1, b"".join(ids))

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            self.assertEqual(client.wait([client.submit("t")])[0].value(), 7)

    def test_says_hello_after_no_session(self):
        def script(broker):
            first = broker.welcome()
            ids = ids_of(broker.expect(penstock.SUBMIT)[1])
            broker.refuse("no_session")
            self.assertEqual(broker.welcome(), first)
            self.assertEqual(ids_of(broker.expect(penstock.SUBMIT)[1]), ids)
            broker.reply(penstock.RECEIPT, 1, ids[0])
            broker.expect(penstock.AWAIT)
            broker.refuse("no_session")
            broker.welcome()
            self.assertEqual(broker.expect(penstock.AWAIT)[1], ids)
            broker.result(*ids)

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            self.assertEqual(client.wait([client.submit("t")])[0].value(), 7)

    def test_waits_when_busy(self):
        def script(broker):
            broker.welcome()
            first, second = ids_of(broker.expect(penstock.SUBMIT)[1])
            broker.reply(penstock.RECEIPT, 1, second)
            broker.refuse("busy", 200, first)
            refused_at = time.monotonic()
            self.assertEqual(ids_of(broker.expect(penstock.SUBMIT)[1]), [first])
            self.assertGreaterEqual(time.monotonic() - refused_at, 0.199)
            broker.reply(penstock.RECEIPT, 1, first)
            broker.result(first, second)

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            outcomes = client.wait(client.submit_many("t", [1, 2]))
            self.assertEqual([outcome.value() for outcome in outcomes], [7, 7])

    def test_keeps_to_the_batch_of_the_welcome(self):
        def script(broker):
            broker.welcome()
            for size in (2, 2, 1):
                ids = ids_of(broker.expect(penstock.SUBMIT)[1])
                self.assertEqual(len(ids), size)
                broker.reply(penstock.RECEIPT, 1, b"".join(ids))
                broker.result(*ids)

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            self.assertEqual(len(client.wait(client.submit_many("t", range(5)))), 5)

    def test_tells_of_a_restarted_broker(self):
        def script(broker):
            broker.welcome()
            id, = ids_of(broker.expect(penstock.SUBMIT)[1])
            broker.reply(penstock.RECEIPT, 1, id)
            broker.refuse("no_session")
            broker.epoch = 2
            broker.welcome()
            self.assertEqual(broker.expect(penstock.AWAIT)[1], [id])
            broker.refuse("not_found", ids=id)

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            outcome, = client.wait([client.submit("t")])
            self.assertEqual((outcome.error.name, outcome.state), ("broker_restarted", ""))

    def test_tells_of_a_restart_between_two_receipts(self):
        def script(broker):
            broker.welcome()
            lost, kept = ids_of(broker.expect(penstock.SUBMIT)[1])
            broker.reply(penstock.RECEIPT, 1, lost)
            broker.refuse("no_session")
            broker.epoch = 2
            broker.welcome()
            self.assertEqual(ids_of(broker.expect(penstock.SUBMIT)[1]), [kept])
            broker.reply(penstock.RECEIPT, 1, kept)
            _, (awaited,) = broker.expect(penstock.AWAIT)
            self.assertIn(lost, (awaited[:16], awaited[16:]))
            broker.refuse("not_found", ids=lost)
            broker.result(kept)

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            lost, kept = client.wait(client.submit_many("t", [1, 2]))
            self.assertEqual((lost.error.name, kept.value()), ("broker_restarted", 7))

    def test_heartbeats_while_waiting(self):
        def script(broker):
            broker.welcome(heartbeat_ms=20)
            id, = ids_of(broker.expect(penstock.SUBMIT)[1])
            broker.reply(penstock.RECEIPT, 1, id)
            while broker.heartbeats < 30:  # twice as long as the liveness
                self.assertTrue(broker.socket.poll(PATIENCE * 1000))
                peer, header = broker.socket.recv_multipart()
                self.assertEqual(msgpack.unpackb(header), [1, penstock.HEARTBEAT])
                broker.heartbeats += 1
                broker.reply(penstock.HEARTBEAT)
            broker.result(id)

        with ScriptedBroker(script) as broker, Client(broker.endpoint, "c", PATIENCE) as client:
            self.assertEqual(client.wait([client.submit("t")])[0].value(), 7)

    def test_gives_up_after_a_refused_version(self):
        def script(broker):
            broker.expect(penstock.HELLO)
            broker.refuse("version")
            broker.welcome()

        with ScriptedBroker(script) as broker:
            client = Client(broker.endpoint, "c", PATIENCE)
            self.addCleanup(client.close)
            with self.assertRaises(PenstockError) as caught:
                client.connect()
            self.assertEqual(caught.exception.name, "version")
            Client(broker.endpoint, "c", PATIENCE).connect().close()

    def test_unavailable(self):
        with tempfile.TemporaryDirectory() as directory:
            with self.assertRaises(PenstockError) as caught:
                Client(f"ipc://{directory}/nobody", "c", timeout=0.1).connect()
        self.assertEqual(caught.exception.name, "unavailable")

    def test_ids(self):
        before, id, after = int(time.time() * 1000), new_id(), int(time.time() * 1000)
        self.assertEqual((len(id), id[6] >> 4, id[8] >> 6), (16, 7, 2))
        self.assertTrue(before <= int.from_bytes(id[:6], "big") <= after)


if __name__ == "__main__":
    unittest.main()
