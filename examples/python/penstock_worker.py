"""A Penstock worker (with penstock_slots.py), written from docs/PROTOCOL.md alone.

    def reverse(args, payload):
        return args[::-1], b""

    if __name__ == "__main__":
        Worker("tcp://127.0.0.1:5751", {"text.reverse": reverse}, slots=2).run()

A handler takes the arguments and the payload and returns a value and a payload. Reject ends the
task, any other exception is a failed attempt. Each slot is a process of its own, so handlers must
be functions of a module: one that crashes, runs over its time limit or is to be stopped is ended
with its process and takes no other task along, and the conversation with the broker goes on.
SIGTERM and SIGINT drain: what has not started goes back, the rest is finished. Not thread-safe.
"""
import os
import random
import secrets
import signal
import socket
import sys
from collections import deque
from time import monotonic as now

import msgpack
import zmq

from penstock_slots import CANCELLED, REJECTED, Reject, Slot, Task

VERSION = 1
WELCOME, REFUSAL, HEARTBEAT, GOODBYE, JOIN, DISPATCH, OUTCOME = 2, 5, 12, 13, 14, 15, 16
SETTLED, RECALL, RETURNED, STOP, DRAIN = 17, 18, 19, 20, 22
NO_SESSION, NO_HANDLER = 3, 15  # errors
CPU = 0  # the class of all slots here
INLINE_MAX = 64 << 10  # longer bodies travel in frames of their own
BODIES_MAX = 63 << 20  # both of one result together
TEXT_MAX = 4096  # bytes of an error's message
WELCOME_WAIT, DELAY_MIN, DELAY_MAX = 3.0, 0.25, 5.0  # seconds
PAUSE_MAX = 0.1  # seconds between two looks at the clock: limits and heartbeats are that exact
__all__ = ["Reject", "Worker"]


def log(text):
    print(f"worker {os.getpid()}: {text}", file=sys.stderr, flush=True)


class Worker:
    """Serves `handlers`, a dictionary from type to function, until it is told to drain."""

    def __init__(self, endpoint, handlers, slots=1, process=0, queues=(), labels=()):
        self._endpoint, self._handlers = endpoint, dict(handlers)
        self._about = [secrets.token_bytes(16), socket.gethostname(), os.getpid(), process,
                       [slots, 0], [[kind, CPU] for kind in self._handlers], list(queues),
                       list(labels)]
        self._slots = [Slot(number, self._handlers) for number in range(slots)]
        self._waiting = deque()  # tasks that have not started
        self._outcomes = {}  # lease -> (row without bodies, bodies) until SETTLED, in sending order
        self._epoch, self._void = 0, set()  # void: leases that run on after the broker's death
        self._socket, self._joined, self._delay, self._resume = None, False, DELAY_MIN, 0.0
        self._body_max = BODIES_MAX
        self._draining = self._asked = 0  # told to the broker; how often we were asked to
        self._heartbeat = self._liveness = WELCOME_WAIT  # until the broker tells them

    def run(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        while not self._is_finished():
            if self._socket is None and now() >= self._resume:
                self._connect()
            self._hand_out()
            self._listen()
            self._collect()
            self._keep_alive()
        if self._socket:
            self._send(GOODBYE)  # ends the leases that are left, after a second signal
            self._socket.close(linger=1000)
        for slot in self._slots:
            slot.process.kill()

    def _on_signal(self, _number, _frame):
        self._asked += 1

    def _is_finished(self):
        busy = self._waiting or self._outcomes or any(slot.task for slot in self._slots)
        return self._asked > 1 or (self._asked and not busy)

    # The session

    def _connect(self):
        self._socket = zmq.Context.instance().socket(zmq.DEALER)
        self._socket.linger, self._clogged = 0, False
        self._socket.connect(self._endpoint)
        self._heard = self._sent = self._beaten = now()
        self._join()

    def _join(self):
        running = [slot.task.lease for slot in self._slots if slot.task]
        held = [*(task.lease for task in self._waiting), *running, *self._outcomes]
        self._joined = False
        self._send(JOIN, *self._about, self._epoch,
                   [lease for lease in held if lease not in self._void], None)

    def _reconnect(self, why):
        log(f"{why}; joining anew within {self._delay:.2f} s")
        self._socket.close(linger=0)
        self._socket, self._joined = None, False
        self._resume = now() + self._delay * random.uniform(0.5, 1)
        self._delay = min(2 * self._delay, DELAY_MAX)

    def _send(self, kind, *fields, frames=()):
        try:
            header = msgpack.packb([VERSION, kind, *fields])
            self._socket.send_multipart([header, *frames], flags=zmq.DONTWAIT)
            self._sent = now()
        except zmq.Again:
            self._clogged = True  # the queue is full: nobody listens, and this message is lost

    def _keep_alive(self):
        if self._socket is None:
            return
        quiet = self._liveness if self._joined else WELCOME_WAIT
        if self._clogged or now() - self._heard >= quiet:
            return self._reconnect(f"heard nothing of the broker for {quiet:.1f} s")
        # Silence of either side asks for a heartbeat, but for one in each interval.
        quiet_since = max(self._beaten, min(self._sent, self._heard))
        if self._joined and now() - quiet_since >= self._heartbeat:
            self._beaten = now()
            self._send(HEARTBEAT)
        if self._joined and self._asked and not self._draining:
            self._draining = 1
            self._send(DRAIN)
        if self._joined and self._draining and self._waiting:
            self._give_back([task.lease for task in self._waiting])

    def _listen(self):
        """Waits for a message or a slot, but not for long; takes all messages that are there."""
        poller = zmq.Poller()
        for slot in self._slots:
            if slot.task:
                poller.register(slot.pipe.fileno(), zmq.POLLIN)
        if self._socket:
            poller.register(self._socket, zmq.POLLIN)
        poller.poll(PAUSE_MAX * 1000)
        while self._socket and self._socket.poll(0):
            self._receive()

    def _receive(self):
        header, *frames = self._socket.recv_multipart()
        _, kind, *fields = msgpack.unpackb(header)
        self._heard = now()
        if kind == WELCOME:
            self._on_welcome(*fields)
        elif kind == REFUSAL:
            self._on_refusal(*fields)
        elif kind in (DISPATCH, SETTLED, RECALL, STOP) and fields[0] == self._epoch:
            if kind == DISPATCH and self._joined:  # else our JOIN, under way, did not name it
                self._on_dispatch(fields[1], [b"", *frames])
            elif kind == SETTLED:
                self._on_settled(fields[1])
            elif kind == RECALL:
                self._give_back([tuple(lease) for lease in fields[1]])
            elif kind == STOP:
                self._on_stop(fields[1] / 1000, {tuple(lease) for lease in fields[2]})

    def _on_welcome(self, epoch, _version, heartbeat_ms, liveness_ms, body_max, _batch_max,
                    _lent):
        self._heartbeat, self._liveness = heartbeat_ms / 1000, liveness_ms / 1000
        self._body_max = body_max
        if epoch != self._epoch:  # another life of the broker, which knows nothing of our leases
            self._waiting.clear()
            self._outcomes.clear()
            self._void = {slot.task.lease for slot in self._slots if slot.task}
        self._epoch, self._joined, self._draining, self._delay = epoch, True, 0, DELAY_MIN
        for lease in self._outcomes:
            self._send_outcome(lease)
        log(f"joined {self._endpoint}")

    def _on_refusal(self, code, message, *_rest):
        if code != NO_SESSION:
            raise RuntimeError(f"refused by the broker: {message} (error {code})")
        if self._joined:  # one for each message that was under way, but one JOIN is enough
            self._join()

    # The work

    def _on_dispatch(self, groups, frames):
        def bytes_of(body):
            return frames[body] if isinstance(body, int) else body or b""

        known = {*self._outcomes, *(task.lease for task in self._waiting),
                 *(slot.task.lease for slot in self._slots if slot.task)}
        for kind, _queue, limit_ms, tasks in groups:
            for *lease, args, payload in tasks:
                task = Task(tuple(lease), kind, limit_ms / 1000, bytes_of(args), bytes_of(payload))
                if kind not in self._handlers:
                    self._finish(task.lease, 0, [NO_HANDLER, f"no handler for {kind}"])
                elif task.lease not in known:
                    self._waiting.append(task)

    def _on_settled(self, ids):
        for id in (ids[i:i + 16] for i in range(0, len(ids), 16)):
            lease = next((lease for lease in self._outcomes if lease[0] == id), None)
            self._outcomes.pop(lease, None)

    def _on_stop(self, grace, leases):
        for slot in self._slots:
            if slot.task and slot.task.lease in leases:
                slot.stop(grace)
        for task in [task for task in self._waiting if task.lease in leases]:
            self._waiting.remove(task)
            self._finish(task.lease, 0, [CANCELLED, "cancelled before it started"])

    def _give_back(self, leases):
        waiting = {task.lease for task in self._waiting}
        leases = [lease for lease in leases if lease in waiting]
        self._waiting = deque(task for task in self._waiting if task.lease not in leases)
        if leases:
            self._send(RETURNED, self._epoch, leases)

    def _hand_out(self):
        for slot in self._slots:
            if not slot.task and self._waiting and not self._asked:
                slot.run(self._waiting.popleft())

    def _collect(self):
        for slot in self._slots:
            end = slot.take() if slot.task else None
            if end:
                error, value, payload, run_us = end
                lease, slot.task = slot.task.lease, None
                if lease in self._void:
                    self._void.discard(lease)
                else:
                    self._finish(lease, slot.number, error, (value, payload), run_us)

    def _finish(self, lease, thread, error, bodies=(b"", b""), run_us=0):
        if max(map(len, bodies)) > self._body_max or sum(map(len, bodies)) > BODIES_MAX:
            error = [REJECTED, "the result is too large: bodies of " +
                     " and ".join(f"{len(body)} bytes" for body in bodies)]
            bodies = b"", b""
        if error:
            text = error[1].encode("utf-8", "replace")[:TEXT_MAX].decode("utf-8", "ignore")
            error = [error[0], text]
        self._outcomes[lease] = [*lease, thread, run_us, error], bodies
        if self._joined:
            self._send_outcome(lease)

    def _send_outcome(self, lease):
        """A message for each: that is always within the limits of a message."""
        row, bodies = self._outcomes[lease]
        frames, places = [], []
        for body in bodies:
            if len(body) > INLINE_MAX:
                frames.append(body)
            places.append(len(frames) if len(body) > INLINE_MAX else body or None)
        self._send(OUTCOME, self._epoch, [[*row, *places]], frames=frames)
