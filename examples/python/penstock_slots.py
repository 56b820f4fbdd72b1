"""Slots of a Penstock worker: processes that run one task at a time.

A handler that crashes, runs over its time limit or is to be stopped is ended with its process, and
takes no other task along. Not thread-safe.
"""
import multiprocessing
import os
import signal
import threading
from collections import namedtuple
from time import monotonic as now

import msgpack

REJECTED, FAILED, CRASHED, TIME_LIMIT, CANCELLED = 9, 10, 11, 12, 14  # errors of the protocol
Task = namedtuple("Task", "lease type time_limit args payload")  # lease: (id, attempt, nonce)


class Reject(Exception):
    """This input will never work: do not try again."""


def call(handler, args, payload):
    """One attempt: its error (or None), value and payload, as they travel."""
    try:
        try:
            value = msgpack.unpackb(args, strict_map_key=False) if args else None
        except ValueError as error:
            raise Reject(f"the arguments cannot be read: {error}") from None
        value, payload = handler(value, payload)
        return None, b"" if value is None else msgpack.packb(value), bytes(payload)
    except Reject as error:
        return [REJECTED, str(error)], b"", b""
    except Exception as error:
        return [FAILED, f"{type(error).__name__}: {error}"], b"", b""


def end_with_worker():
    """Ends this process, whatever its handler does, as soon as the worker's has ended.

    A handler that keeps the interpreter to itself (a call into C) puts it off until it returns.
    """
    multiprocessing.parent_process().join()
    os._exit(1)


def serve_slot(pipe, handlers):
    """The life of a slot's process: until the pipe closes, and at most as long as the worker's."""
    threading.Thread(target=end_with_worker, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's, meant for the worker
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        while True:
            kind, args, payload = pipe.recv()
            started = now()
            pipe.send((*call(handlers[kind], args, payload), int((now() - started) * 1e6)))
    except (EOFError, OSError):
        pass


class Slot:
    """One task at a time, in a process that is started anew when it has gone."""

    def __init__(self, number, handlers):
        self.number, self._handlers = number, handlers
        self.task = self.ends = None  # what runs here, and (when it is ended by force, with what)
        self._start()

    def _start(self):
        context = multiprocessing.get_context("spawn")  # inherits no socket and no other pipe
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve_slot, args=(theirs, self._handlers),
                                       daemon=True)
        self.process.start()
        theirs.close()

    def _restart(self):
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self._start()

    def run(self, task):
        if not self.process.is_alive():
            self._restart()
        self.task, self.started = task, now()
        self.ends = self.started + task.time_limit, [
            TIME_LIMIT, f"ran longer than its time limit of {task.time_limit:.3f} s"]
        try:
            self.pipe.send((task.type, task.args, task.payload))
        except OSError:
            pass  # its process died in this moment, and take() finds that out

    def stop(self, grace):
        """Asks by SIGTERM, which ends a handler that has made no other arrangement."""
        self.ends = min(self.ends[0], now() + grace), [CANCELLED, "cancelled while it ran"]
        self.process.terminate()

    def take(self):
        """The end of the task as (error, value, payload, run_us), or None while it runs."""
        end = None
        try:
            if self.pipe.poll():
                end = self.pipe.recv()
            elif now() < self.ends[0]:
                return None
        except (EOFError, OSError):
            pass
        stopped = self.ends[1][0] == CANCELLED
        if end is None:
            self.process.kill()
            self.process.join()
            forced = stopped or now() >= self.ends[0]
            end = self.ends[1] if forced else [
                CRASHED, f"the slot's process died: {self.process.exitcode}"], b"", b"", int(
                    (now() - self.started) * 1e6)
        if stopped or not self.process.is_alive():
            self._restart()
        return end
