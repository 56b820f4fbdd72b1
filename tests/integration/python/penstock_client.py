"""A Penstock client in one module, written from docs/PROTOCOL.md alone.

    with Client("tcp://127.0.0.1:5750", "example") as client:
        print(client.wait([client.submit("math.sum", [1, 2, 3])])[0].value())

One request is open at a time, so a refusal without ids speaks of that request. Heartbeats go out
only while a call waits; a session that ended meanwhile is opened anew. Not thread-safe.
"""
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
          "unavailable timed_out unsupported stale internal insecure disk_full expired").split(" ")
INLINE_MAX = 64 << 10  # longer bodies travel in frames of their own
HEADER_ROOM, MESSAGE_ROOM = (1 << 20) - 1024, (64 << 20) - 1024  # less type, queue and options
TASK_ROW = namedtuple("Task", "id type queue state dead_reason attempts max_attempts created_at "
                      "started_at finished_at run_at expires_at site thread run_us permille note "
                      "error result_bytes")
QUERIES = {  # number of the question, and the shape of its rows
    "task": (1, TASK_ROW), "tasks": (2, TASK_ROW),
    "queues": (3, namedtuple("Queue", "name counts bytes oldest_age_ms")),
    "workers": (4, namedtuple("Worker", "worker host pid process draining slots leases queues "
                              "labels types joined_at silent_ms completed")),
    "broker": (5, namedtuple("Broker", "version epoch started_at open_tasks finished_tasks "
                             "result_bytes workers stale_outcomes refused durability "
                             "journal_syncs journal_bytes disk_nearly_full"))}


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
        self.bodies = b"" if args is None else msgpack.packb(args), payload
        self.id, self.chosen = id or new_id(), id is not None


def new_id():
    """A UUIDv7: 48 bits of Unix milliseconds, version, 12 random bits, variant, 62 random bits."""
    bits = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return (bits & ~(0xF << 76 | 3 << 62) | 7 << 76 | 2 << 62).to_bytes(16, "big")


def place(body, frames):
    if len(body) <= INLINE_MAX:
        return body or None
    frames.append(body)
    return len(frames)


class Client:
    def __init__(self, endpoint, name, timeout=60.0):
        self.endpoint, self.name, self.timeout = endpoint, name, timeout
        self._socket = self._session = None  # WELCOME makes the session, an object of its own
        self._sent = self._heard = self._polled = 0.0
        self._request, self._pending, self._replies = 0, {}, {}  # keys: ids, or a QUERY's number
        self._wanted, self._done = {}, {}  # id -> epoch of its receipt, or None; id -> Outcome

    def connect(self, timeout=None):
        self._ensure_session(self._deadline(timeout))
        return self

    def close(self, *_):
        if self._session:
            self._send([GOODBYE])
        self._drop(linger_ms=1000)

    __enter__, __exit__ = connect, close

    def submit(self, type, args=None, payload=b"", id=None, **options):
        """Submits one task and returns its id once the broker has accepted it."""
        return self.submit_many(type, [Task(args, payload, id)], **options)[0]

    def submit_many(self, type, tasks, queue="default", durability=DISK, max_attempts=0,
                    time_limit_ms=0, backoff_base_ms=0, backoff_max_ms=0, notify=True, delay_ms=0,
                    run_at=0, expires_ms=0, expires_at=0, timeout=None):
        """Submits tasks (Task, or plain arguments), each until it is confirmed. Returns the ids,
        or raises the first refusal, with all of them in `refused`."""
        deadline, refused = self._deadline(timeout), {}
        self._ensure_session(deadline)
        options = [durability, max_attempts, time_limit_ms, backoff_base_ms, backoff_max_ms, notify,
                   delay_ms, run_at, expires_ms, expires_at]
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
        """Takes the outcomes of tasks, in the order of their ids. A second wait asks anew."""
        self._pending = {}  # of a request that ended with an error
        ids, deadline = list(dict.fromkeys(ids)), self._deadline(timeout)
        self.await_ids([id for id in ids if not (id in self._wanted or id in self._done)], timeout)
        for id in ids:
            while id not in self._done:
                if now() >= deadline:
                    raise PenstockError("timed_out", f"no outcome of task {id.hex()} yet")
                self._ensure_session(deadline)
                self._step(deadline)
        return [self._done.pop(id) for id in ids]

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
            fields = [number, id, STATES.index(state), queue, type, cursor or 0, page]
            self._converse(lambda left: self._send([QUERY, *left, *fields]), [self._request],
                           deadline)
            rows, cursor = self._replies[self._request]
            yield from (shape(*row) for row in rows)

    def _deadline(self, timeout):
        return now() + (self.timeout if timeout is None else timeout)

    def _chunks(self, ids):
        ids = list(dict.fromkeys(ids))
        return [ids[i:i + self.batch_max] for i in range(0, len(ids), self.batch_max)]

    def _batches(self, tasks, refused):
        """Cuts tasks into messages within all limits; refuses what would cut the connection."""
        batch, header, total = [], 0, 0
        for task in tasks:
            sizes = [len(body) for body in task.bodies]
            in_header = 32 + sum(size for size in sizes if size <= INLINE_MAX)  # 32: id, lengths
            in_all = 32 + sum(sizes)
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
            rows = [[id, *(place(body, frames) for body in tasks[id].bodies)] for id in left]
            self._send([SUBMIT, *head, rows], frames)

        tasks, notify, epoch = {task.id: task for task in batch}, head[2][5], self.epoch
        sends = self._converse(send, tasks, deadline)
        errors = {id: error for id, error in self._replies.items() if error}
        busy = {id: error for id, error in errors.items() if error.name == "busy"}
        refused.update((id, error) for id, error in errors.items() if id not in busy)
        if notify:
            accepted = tasks.keys() - errors.keys() - self._done.keys()
            self._wanted.update((id, epoch) for id in accepted)
            # What the broker knew already may have ended before this session: ask for it.
            self.await_ids([id for id in accepted if sends > 1 or tasks[id].chosen])
        resume = now() + max((error.retry_after_ms for error in busy.values()), default=0) / 1000
        while now() < min(resume, deadline):
            self._ensure_session(deadline)
            self._step(resume)
        return [tasks[id] for id in busy]

    def _converse(self, send, keys, deadline):
        """Sends a request until each key has a reply: again, with those that are left, in a new
        session and after silence. Returns how often it was sent."""
        self._pending, self._replies, sends = dict.fromkeys(keys), {}, 0
        while self._pending:
            self._ensure_session(deadline)
            session, again = self._session, now() + self.liveness
            send(list(self._pending))
            sends += 1
            while self._pending and self._session is session and now() < min(again, deadline):
                self._step(min(again, deadline))
            if self._pending and now() >= deadline:
                raise PenstockError("timed_out", "no reply from the broker")
        return sends

    def _ensure_session(self, deadline):
        """HELLO until WELCOME, then AWAIT for everything that the old session was to be told."""
        delay = 0.25
        while not self._session:
            if self._socket is None:
                self._socket = zmq.Context.instance().socket(zmq.DEALER)
                self._socket.set_hwm(0)  # sending never blocks; silence tells when nobody listens
                self._socket.connect(self.endpoint)
            self._send([HELLO, self.name, None])
            until = min(now() + 3, deadline)
            while not self._session and now() < until:
                if self._socket.poll(max(1, (until - now()) * 1000)):
                    self._receive()
            if self._session:
                return self.await_ids(self._wanted)
            self._drop()
            if now() >= deadline:
                raise PenstockError("unavailable", f"no WELCOME from {self.endpoint}")
            time.sleep(max(0, min(delay * (0.5 + secrets.randbelow(500) / 1000), deadline - now())))
            delay = min(delay * 2, 15)

    def _drop(self, linger_ms=0):
        if self._socket:
            self._socket.close(linger_ms)
        self._socket = self._session = None

    def _send(self, fields, frames=()):
        self._socket.send_multipart([msgpack.packb([VERSION, *fields]), *frames])
        self._sent = now()

    def _step(self, until):
        """Takes at most one message; heartbeats, and drops a connection that has gone silent."""
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
            (self.epoch, self.version, heartbeat, liveness, self.body_max, self.batch_max,
             _) = fields
            self.heartbeat, self.liveness = heartbeat / 1000, liveness / 1000
            self._session = object()
        elif kind == REFUSAL and fields[0] == ERRORS.index("no_session"):
            self._session = None  # HELLO follows, on the same socket
        elif kind == REFUSAL and not fields[3]:
            raise PenstockError(*fields[:3])
        elif kind in (REFUSAL, RECEIPT, CANCELLING):
            self._reply(fields[-1], PenstockError(*fields[:3]) if kind == REFUSAL else None)
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
                lost = self._wanted.pop(id) not in (None, self.epoch) and error.name == "not_found"
                end = PenstockError("broker_restarted") if lost else error
                self._done[id] = Outcome(id, error=end)

    def _on_result(self, sites, rows, bodies):
        for id, state, reason, attempts, site, thread, run_us, error, *both in rows:
            args, payload = (bodies[b] if isinstance(b, int) else b or b"" for b in both)
            if id in self._wanted or id in self._pending:  # or else it has been told already
                self._wanted.pop(id, None)
                self._done[id] = Outcome(id, STATES[state], DEAD_REASONS[reason], attempts,
                                         None if site is None else tuple(sites[site]), thread,
                                         run_us, error and PenstockError(*error), args, payload)
