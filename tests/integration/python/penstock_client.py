"""A Penstock client in one module, written from docs/PROTOCOL.md alone.

    with Client("tcp://127.0.0.1:5750", "example") as client:
        print(client.wait([client.submit("math.sum", [1, 2, 3])])[0].value())

One request is open at a time, so a refusal without ids speaks of that request. Heartbeats go out
only while a call waits; a session that ended meanwhile is opened anew. Not thread-safe.
"""
import random
import secrets
import time
from collections import namedtuple
from time import monotonic as now

import msgpack
import zmq

VERSION = 1
(HELLO, WELCOME, SUBMIT, RECEIPT, REFUSAL, AWAIT, RESULT, CANCEL, CANCELLING, QUERY, ANSWER,
 HEARTBEAT, GOODBYE) = range(1, 14)
MEMORY, DISK, REPLICATED = 1, 2, 3
STATES = " scheduled queued active retrying blocked completed dead cancelled expired".split(" ")
DEAD_REASONS = "none attempts_exhausted poison rejected time_limit no_handler parent_failed".split()
ERRORS = (" malformed version no_session too_large busy durability not_found conflict rejected "
          "failed crashed time_limit lost cancelled no_handler result_expired broker_restarted "
          "unavailable timed_out unsupported stale internal insecure").split(" ")
INLINE_MAX = 64 << 10             # longer bodies travel in frames of their own
HEADER_ROOM = (1 << 20) - 1024    # of the 1 MiB of a header; the rest is for type, queue, options
MESSAGE_ROOM = (64 << 20) - 1024  # of the 64 MiB of all frames
TASK_OVERHEAD = 32                # header bytes of a task beside its inline bodies, rounded up

TASK_ROW = namedtuple("Task", "id type queue state dead_reason attempts max_attempts created_at "
                      "started_at finished_at site thread run_us permille note error result_bytes")
QUERIES = {  # number of the question, and the shape of its rows
    "task": (1, TASK_ROW),
    "tasks": (2, TASK_ROW),
    "queues": (3, namedtuple("Queue", "name counts bytes oldest_age_ms")),
    "workers": (4, namedtuple("Worker", "worker host pid process draining slots leases queues "
                              "labels types joined_at silent_ms completed")),
    "broker": (5, namedtuple("Broker", "version epoch started_at open_tasks finished_tasks "
                             "result_bytes workers stale_outcomes refused"))}


class PenstockError(Exception):
    """An error of the protocol; `name` is its name in the document's table of errors."""

    def __init__(self, code, message="", retry_after_ms=0, refused=None):
        self.code = ERRORS.index(code) if isinstance(code, str) else code
        self.name = ERRORS[self.code] if 0 < self.code < len(ERRORS) else f"error_{self.code}"
        self.message, self.retry_after_ms = message, retry_after_ms
        self.refused = refused or {}  # of a submission: id -> error; its other ids are accepted
        super().__init__(f"{self.name}: {message}")


class Outcome(namedtuple("Outcome", "id state dead_reason attempts site thread run_us error args "
                         "payload", defaults=("", "none", 0, None, 0, 0, None, b"", b""))):
    """The end of a task or, with state "", the error that keeps the broker from telling it."""

    def value(self):
        """The result value; raises the task's error if it has one."""
        if self.error:
            raise self.error
        return msgpack.unpackb(self.args, strict_map_key=False) if self.args else None


class Task:
    """What submit_many takes: arguments, payload, and an id if the caller must choose it."""

    def __init__(self, args=None, payload=b"", id=None):
        self.args = b"" if args is None else msgpack.packb(args)
        self.payload, self.id, self.chosen = payload, id or new_id(), id is not None


def new_id():
    """A UUIDv7: 48 bits of Unix milliseconds, version, 12 random bits, variant, 62 random bits."""
    bits = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return (bits & ~(0xF << 76 | 3 << 62) | 7 << 76 | 2 << 62).to_bytes(16, "big")


def place(body, frames):
    """A body field: nil, the bytes, or the number of the frame that holds them."""
    if len(body) <= INLINE_MAX:
        return body or None
    frames.append(body)
    return len(frames)


class Client:
    def __init__(self, endpoint, name, timeout=60.0):
        self.endpoint, self.name, self.timeout, self.epoch = endpoint, name, timeout, 0
        self._socket, self._open, self._sessions = None, False, 0
        self._sent = self._heard = self._polled = 0.0
        self._pending, self._replies = {}, {}  # of the open request: ids (or number of a QUERY)
        self._request = 0
        self._wanted, self._done = {}, {}      # id -> epoch of its receipt, or None; id -> Outcome

    def connect(self, timeout=None):
        self._ensure_session(self._deadline(timeout))
        return self

    def __enter__(self):
        return self.connect()

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Says GOODBYE. Outcomes that nobody took are dropped; tasks go on."""
        if self._open:
            self._send([GOODBYE])
        self._drop(linger_ms=1000)

    def submit(self, type, args=None, payload=b"", id=None, **options):
        """Submits one task and returns its id once the broker has accepted it."""
        return self.submit_many(type, [Task(args, payload, id)], **options)[0]

    def submit_many(self, type, tasks, queue="default", durability=MEMORY, max_attempts=0,
                    time_limit_ms=0, backoff_base_ms=0, backoff_max_ms=0, notify=True, timeout=None):
        """Submits tasks (Task, or plain arguments), each until it is confirmed; returns the ids.
        Raises the first refusal, with all of them in `refused`."""
        deadline, refused = self._deadline(timeout), {}
        self._ensure_session(deadline)
        options = [durability, max_attempts, time_limit_ms, backoff_base_ms, backoff_max_ms, notify]
        tasks = [task if isinstance(task, Task) else Task(task) for task in tasks]
        for batch in self._batches(tasks, refused):
            while batch:  # again for those that met a full queue
                batch = self._submit_batch([type, queue, options], batch, refused, deadline)
        for error in refused.values():
            raise PenstockError(error.code, error.message, refused=refused)
        return [task.id for task in tasks]

    def await_ids(self, ids, timeout=None):
        """Asks for the outcomes of tasks, of whichever client; wait() collects them."""
        self._ensure_session(self._deadline(timeout))
        for chunk in self._chunks(ids):
            self._wanted.update((id, self._wanted.get(id)) for id in chunk)
            self._send([AWAIT, b"".join(chunk)])

    def wait(self, ids, timeout=None):
        """The outcomes of tasks in the order of the ids. Takes them: a second wait asks anew."""
        ids, deadline = list(ids), self._deadline(timeout)
        self.await_ids([id for id in ids if not (id in self._wanted or id in self._done)], timeout)
        while left := [id for id in ids if id not in self._done]:
            if now() >= deadline:
                raise PenstockError("timed_out", f"{len(left)} of {len(ids)} outcomes are missing")
            self._ensure_session(deadline)
            self._step(deadline)
        taken = {id: self._done.pop(id) for id in set(ids)}
        return [taken[id] for id in ids]

    def cancel(self, ids, timeout=None):
        """Cancels tasks. Returns id -> None (cancelled, or told to stop), or why not: an error."""
        deadline, told = self._deadline(timeout), {}
        self._ensure_session(deadline)
        for chunk in self._chunks(ids):
            self._converse(lambda left: self._send([CANCEL, b"".join(left)]), chunk, deadline)
            told.update(self._replies)
        return told

    def query(self, what, id=None, state="", queue="", type="", page=1000, timeout=None):
        """The rows of `what`: task (by id), tasks (that match), queues, workers or broker."""
        (number, shape), cursor, deadline = QUERIES[what], None, self._deadline(timeout)
        while cursor != 0:  # which ends the last page
            self._request += 1
            fields = [QUERY, self._request, number, id, STATES.index(state), queue, type,
                      cursor or 0, page]
            self._converse(lambda left: self._send(fields), [self._request], deadline)
            rows, cursor = self._replies[self._request]
            yield from (shape(*row) for row in rows)

    def _deadline(self, timeout):
        return now() + (self.timeout if timeout is None else timeout)

    def _chunks(self, ids):
        ids = list(dict.fromkeys(ids))
        return [ids[i:i + self.batch_max] for i in range(0, len(ids), self.batch_max)]

    def _batches(self, tasks, refused):
        """Cuts tasks into messages within all limits. What can never fit is refused right here:
        the connection would be cut at the sight of it."""
        batch, header, total = [], 0, 0
        for task in tasks:
            sizes = len(task.args), len(task.payload)
            in_header = sum(size for size in sizes if size <= INLINE_MAX) + TASK_OVERHEAD
            in_all = sum(sizes) + TASK_OVERHEAD
            if max(sizes) > self.body_max or in_all > MESSAGE_ROOM:
                refused[task.id] = PenstockError("too_large", f"{sum(sizes)} bytes of bodies")
                continue
            header, total = header + in_header, total + in_all
            if len(batch) == self.batch_max or header > HEADER_ROOM or total > MESSAGE_ROOM:
                yield batch
                batch, header, total = [], in_header, in_all
            batch.append(task)
        yield batch

    def _submit_batch(self, head, batch, refused, deadline):
        """Sends one SUBMIT until each id has its reply. Returns the busy tasks, after a pause."""
        def send(left):
            frames = []
            rows = [[id, place(tasks[id].args, frames), place(tasks[id].payload, frames)]
                    for id in left]
            self._send([SUBMIT, *head, rows], frames)

        tasks, notify = {task.id: task for task in batch}, head[2][-1]
        sends = self._converse(send, tasks, deadline)
        errors = {id: error for id, error in self._replies.items() if error}
        busy = [id for id in errors if errors[id].name == "busy"]
        refused.update((id, errors[id]) for id in errors if id not in busy)
        if notify:
            accepted = tasks.keys() - errors.keys()
            self._wanted.update((id, self.epoch) for id in accepted - self._done.keys())
            # What the broker knew already may have ended before this session: ask for it.
            self.await_ids([id for id in accepted - self._done.keys()
                            if sends > 1 or tasks[id].chosen])
        resume = now() + max((errors[id].retry_after_ms for id in busy), default=0) / 1000
        while now() < min(resume, deadline):
            self._ensure_session(deadline)
            self._step(resume)
        return [tasks[id] for id in busy]

    def _converse(self, send, keys, deadline):
        """Sends a request until each of its keys has a reply: again in a new session, and again
        after silence, with those that are left. Returns how often it was sent."""
        self._pending, self._replies, sends = dict.fromkeys(keys), {}, 0
        while self._pending:
            self._ensure_session(deadline)
            session, again = self._sessions, now() + self.liveness
            send(list(self._pending))
            sends += 1
            while self._pending and self._open and session == self._sessions and now() < again:
                if now() >= deadline:
                    raise PenstockError("timed_out", "no reply from the broker")
                self._step(min(again, deadline))
        return sends

    def _ensure_session(self, deadline):
        """HELLO until WELCOME, then AWAIT for everything that the old session was to be told."""
        delay = 0.25
        while not self._open:
            if self._socket is None:
                self._socket = zmq.Context.instance().socket(zmq.DEALER)
                self._socket.set_hwm(0)  # sending never blocks; silence tells when nobody listens
                self._socket.connect(self.endpoint)
            self._send([HELLO, self.name])
            until = min(now() + 3, deadline)
            while not self._open and now() < until:
                if self._socket.poll(max(1, (until - now()) * 1000)):
                    self._receive()
            if self._open:
                return self.await_ids(self._wanted)
            self._drop()
            if now() >= deadline:
                raise PenstockError("unavailable", f"no WELCOME from {self.endpoint}")
            time.sleep(max(0, min(delay * random.uniform(0.5, 1), deadline - now())))
            delay = min(delay * 2, 15)

    def _drop(self, linger_ms=0):
        if self._socket:
            self._socket.close(linger_ms)
        self._socket, self._open = None, False

    def _send(self, fields, frames=()):
        self._socket.send_multipart([msgpack.packb([VERSION, *fields]), *frames])
        self._sent = now()

    def _step(self, until):
        """Takes one message, waiting until then at most; says HEARTBEAT when it is time, and
        drops a connection on which nothing is heard."""
        if now() - self._polled > self.heartbeat:
            self._heard = now()  # the caller was away; silence counts only while we listen
        if now() - self._sent >= self.heartbeat:
            self._send([HEARTBEAT])
        if now() - self._heard > self.liveness:
            return self._drop()
        wait = min(until, self._sent + self.heartbeat, self._heard + self.liveness) - now()
        if self._socket.poll(max(1, wait * 1000)):
            self._receive()
        self._polled = now()

    def _receive(self):
        header, *bodies = self._socket.recv_multipart()
        version, kind, *fields = msgpack.unpackb(header)
        self._heard = now()
        if kind == WELCOME:
            self.epoch, self.broker_version, heartbeat_ms, liveness_ms = fields[:4]
            self.heartbeat, self.liveness = heartbeat_ms / 1000, liveness_ms / 1000
            self.body_max, self.batch_max = fields[4:]
            self._open, self._sessions = True, self._sessions + 1
        elif kind in (RECEIPT, CANCELLING):
            self._reply(fields[-1], None)
        elif kind == REFUSAL:
            error = PenstockError(*fields[:3])
            if error.name == "no_session":
                self._open = False  # HELLO follows, on the same socket
            elif not fields[3]:
                raise error
            else:
                self._reply(fields[3], error)
        elif kind == RESULT:
            self._on_result(*fields, [None, *bodies])
        elif kind == ANSWER and fields[0] in self._pending:
            del self._pending[fields[0]]
            self._replies[fields[0]] = fields[2:]

    def _reply(self, ids, error):
        for id in (ids[i:i + 16] for i in range(0, len(ids), 16)):
            if id in self._pending:
                del self._pending[id]
                self._replies[id] = error
            elif error and id in self._wanted:  # refused by AWAIT
                lost = error.name == "not_found" and self._wanted[id] not in (None, self.epoch)
                del self._wanted[id]
                self._done[id] = Outcome(
                    id, error=PenstockError("broker_restarted") if lost else error)

    def _on_result(self, sites, rows, bodies):
        for id, state, reason, attempts, site, thread, run_us, error, *both in rows:
            args, payload = (bodies[b] if isinstance(b, int) else b or b"" for b in both)
            if id in self._wanted or id in self._pending:  # or else it has been told already
                self._wanted.pop(id, None)
                self._done[id] = Outcome(id, STATES[state], DEAD_REASONS[reason], attempts,
                                         None if site is None else tuple(sites[site]), thread,
                                         run_us, error and PenstockError(*error), args, payload)
