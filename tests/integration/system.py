"""Starts a real Penstock for a test: broker and workers on sockets in a folder of their own.

    with System(processes=2) as system:
        answer = system.cli("submit", "math.double", "[1,2,3]", "--wait")

Every process that is started here is ended here, by its id. PENSTOCK_TEST_LOGS=1 shows what they
wrote to their logs.
"""

import glob
import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

BIN = pathlib.Path(os.environ.get("PENSTOCK_BIN", "build/dev/bin")).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
LONG = os.environ.get("PENSTOCK_TEST_LONG") == "1"
# Sanitizers slow everything down; deadlines are for hangs, not for speed.
PATIENCE = float(os.environ.get("PENSTOCK_TEST_PATIENCE", "1"))

# What a sanitizer is told has to reach every process, also where the environment is made anew.
SANITIZER_OPTIONS = {name: value for name, value in os.environ.items()
                     if name.endswith("SAN_OPTIONS")}


def until(condition, seconds=20.0, what="the condition"):
    """Calls `condition` until it gives something true, and returns that. The calls themselves
    (most start a process) set the pace."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {seconds * PATIENCE:.0f} s")


def fresh_id():
    """An id as a client makes it (UUIDv7): a broker refuses one of years ago."""
    number = int(time.time() * 1000) << 80 | 7 << 76 | secrets.randbits(76)
    return str(uuid.UUID(int=number & ~(3 << 62) | 2 << 62))


class System:
    """One broker and, unless told otherwise, one worker (a supervisor with its processes)."""

    def __init__(self, processes=2, threads="auto", broker_flags=(), worker_flags=(),
                 backend=None, start_worker=True, test_handlers=True):
        self.processes = processes
        self.threads = threads
        self.broker_flags = list(broker_flags)
        self.worker_flags = list(worker_flags)
        self.start_worker_at_once = start_worker
        self._folder = tempfile.TemporaryDirectory(prefix="penstock-test-")
        self.folder = pathlib.Path(self._folder.name)
        self.data = self.folder / "data"
        self.frontend = f"ipc://{self.folder}/frontend.sock"
        self.backend = backend or f"ipc://{self.folder}/backend.sock"
        self.environment = dict(os.environ, PENSTOCK_SERVER=self.frontend,
                                XDG_CONFIG_HOME=self._folder.name)
        if test_handlers:
            self.environment["PENSTOCK_TEST_HANDLERS"] = "1"
        self.broker = None
        self.workers = []
        self._logs = []
        self._log_of = {}

    def __enter__(self):
        try:
            self.start_broker()
            if self.start_worker_at_once:
                self.start_worker()
                self.wait_for_workers(self.processes)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        for process in [*self.workers, self.broker]:
            end_process(process)
        if kind is not None or os.environ.get("PENSTOCK_TEST_LOGS") == "1":
            self.print_logs()
        for log in self._logs:
            log.close()
        self._folder.cleanup()

    def spawn(self, *command, prefix=(), folder=None):
        """A child whose stderr goes to a file that is shown when the test fails."""
        name = f"log-{len(self._logs)}-{pathlib.Path(command[0]).name}.txt"
        log = open(self.folder / name, "wb+")
        self._logs.append(log)
        process = subprocess.Popen([*prefix, *map(str, command)], env=self.environment, stderr=log,
                                   stdout=log, stdin=subprocess.DEVNULL, cwd=folder)
        self._log_of[process.pid] = pathlib.Path(log.name)
        return process

    def log_of(self, process):
        """What a spawned process and its children have written so far."""
        return self._log_of[process.pid].read_text(errors="replace")

    def start_broker(self):
        flags = ["--segment-size", "4MiB", "--disk-reserve", "16MiB", *self.broker_flags]
        if not {"--data", "--memory"}.intersection(flags):
            flags += ["--data", self.data]
        self.broker = self.spawn(BIN / "penstock-broker", "--frontend", self.frontend, "--backend",
                                 self.backend, *flags)
        until(lambda: self.cli("queue", "ls").returncode == 0, what="the broker's first answer")
        return self.broker

    def start_worker(self, processes=None, flags=(), prefix=(), backend=None, program=None):
        worker = self.spawn(program or BIN / "penstock-worker", "--broker",
                            backend or self.backend,
                            "--processes", processes or self.processes,
                            "--threads", self.threads, "--metrics", "off",
                            *self.worker_flags, *flags, prefix=prefix)
        self.workers.append(worker)
        return worker

    def cli(self, *arguments, stdin=None, timeout=60):
        """Runs `penstock ARGUMENTS` and waits for it; stdout and stderr as text."""
        return subprocess.run([BIN / "penstock", *map(str, arguments)], env=self.environment,
                              input=stdin, capture_output=True, text=True,
                              timeout=timeout * PATIENCE, check=False)

    def start_cli(self, *arguments):
        """`penstock ARGUMENTS` in the background."""
        return subprocess.Popen([BIN / "penstock", *map(str, arguments)], env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                stdin=subprocess.DEVNULL)

    def json(self, *arguments):
        answer = self.cli(*arguments, "--json")
        if answer.returncode != 0:
            raise AssertionError(f"penstock {arguments}: {answer.returncode}: {answer.stderr}")
        return json.loads(answer.stdout)

    def worker_rows(self):
        return self.json("worker", "ls")

    def wait_for_workers(self, count, seconds=20.0):
        """Waits until exactly `count` worker processes have joined; returns their rows."""

        rows = []

        def joined():
            rows[:] = self.worker_rows()
            return len(rows) == count

        until(joined, seconds, f"{count} joined worker processes")
        return rows

    def queue(self, name="default"):
        """The counts of a queue; zeros if it does not exist yet."""
        rows = [row for row in self.json("queue", "ls") if row["name"] == name]
        empty = {state: 0 for state in ("queued", "active", "retrying", "completed", "dead",
                                        "cancelled")}
        return rows[0] if rows else empty

    def print_logs(self):
        for log in self._logs:
            log.flush()
            text = pathlib.Path(log.name).read_text(errors="replace")
            if text:
                print(f"--- {pathlib.Path(log.name).name}\n{text[-6000:]}", flush=True)


def end_process(process):
    """SIGTERM, then SIGKILL if it does not go."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(10 * PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def is_running(pid):
    """False for a process that is gone, or dead and waiting to be collected."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def children_of(pid):
    """The processes that `pid` has started, and theirs."""
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        for child in pathlib.Path(path).read_text().split():
            found += [int(child), *children_of(int(child))]
    return found


def memory_of(pid):
    """What a process has in memory now, in bytes."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024


def kill(pid):
    """kill -9; nothing if it is gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main():
    unittest.main(verbosity=2)
