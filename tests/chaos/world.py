"""The real processes of one round of chaos: a broker with a journal, workers, producers.

Everything that it starts is ended by it, by its id, and everything is in one folder:
histories/, runs/, data/, logs/, events.jsonl.
"""

import json
import os
import pathlib
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

import system  # noqa: E402

from fault_page import FaultPage  # noqa: E402

PROGRAMS = system.BIN.parent / "tests/chaos"
SUPERVISORS, PROCESSES, CLIENTS = 2, 2, 3
MEMORY_SHARED = 0.7  # of the broker's lives; in the others large bodies travel in frames
HEARTBEAT_MS, LIVENESS_MS = 200, int(1000 * system.PATIENCE)


class Failed(Exception):
    """The round cannot go on, or ended as it must not."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    def __init__(self, folder, seed, load=None, transport="ipc"):
        self.folder, self.random = folder, random.Random(seed)
        for name in ("histories", "runs", "data", "logs"):
            (folder / name).mkdir(exist_ok=True)
        self.page = FaultPage(folder / "faults.page")
        self.load = {"rate": 250, "window": 1000, "queues": ["default", "other"],
                     "long_every": 40, "payload_every": 64, "shared_every": 80,
                     "cancel_every": 50, **(load or {})}
        scale = max(1, int(system.PATIENCE))
        self.load["rate"] //= scale
        self.frontend, self.backend = self.endpoints(transport)
        self.broker, self.workers, self.clients = None, [], []
        self.spawned, self.clock_jumped = 0, False
        self.never = threading.Event()  # to wait with: nobody sets it
        self.events = open(folder / "events.jsonl", "a", encoding="ascii")

    def endpoints(self, transport):
        if transport == "tcp":
            return [f"tcp://127.0.0.1:{free_port()}" for _ in range(2)]
        return [f"ipc://{self.folder}/{name}.sock" for name in ("f", "b")]

    def start(self):
        self.start_broker()
        self.workers = [self.start_supervisor() for _ in range(SUPERVISORS)]
        self.workers.append(self.start_stubborn_worker())
        self.clients = [self.start_client() for _ in range(CLIENTS)]

    def spawn(self, program, *arguments, preload=False, group=None):
        """`group`: the control group that it and its children belong to, from their beginning."""
        self.spawned += 1
        log = self.folder / f"logs/{self.spawned:04d}-{program.name}.txt"
        variables = dict(os.environ, PENSTOCK_CHAOS_RUNS=str(self.folder / "runs"),
                         XDG_CONFIG_HOME=str(self.folder))
        if preload:
            variables |= self.page.variables(PROGRAMS)
        with open(log, "wb") as file:
            process = subprocess.Popen([program, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                       stdout=file, stderr=file, env=variables, cwd=self.folder,
                                       preexec_fn=(lambda: group.add(os.getpid())) if group
                                       else None)
        process.log = log
        return process

    def start_broker(self):
        self.broker = self.spawn(
            system.BIN / "penstock-broker", "--data", self.folder / "data", "--frontend",
            self.frontend, "--backend", self.backend, "--heartbeat", f"{HEARTBEAT_MS}ms",
            "--liveness", f"{LIVENESS_MS}ms", "--segment-size", "8MiB", "--disk-reserve", "32MiB",
            *([] if self.random.random() < MEMORY_SHARED else ["--no-shm"]), preload=True)

    def start_supervisor(self, queues="default,other", group=None):
        supervisor = self.spawn(
            PROGRAMS / "chaos-worker", "--broker", self.backend, "--processes", PROCESSES,
            "--threads", "1", "--metrics", "off", "--queues", queues, preload=True,
            group=group)
        supervisor.again = self.start_supervisor
        return supervisor

    def start_stubborn_worker(self):
        worker = self.spawn(pathlib.Path(sys.executable), "-B",
                            SOURCE / "tests/chaos/stubborn_worker.py", self.backend, self.folder,
                            self.random.getrandbits(32))
        worker.again = self.start_stubborn_worker
        return worker

    def start_client(self, **plan):
        history = self.folder / f"histories/client-{self.spawned + 1}.jsonl"
        client = self.spawn(PROGRAMS / "chaos-load", json.dumps(
            {**self.load, "server": self.frontend, "history": str(history),
             "seed": self.random.getrandbits(32), **plan}))
        client.again = self.start_client
        return client

    def note(self, event, **fields):
        line = {"e": event, "t": time.monotonic(), **fields}
        self.events.write(json.dumps(line) + "\n")
        self.events.flush()
        return line["t"]

    def pause(self, low, high):
        """Lets a random time go by: what happens meanwhile is what chaos is about."""
        self.never.wait(self.random.uniform(low, high) * system.PATIENCE)

    def worker_processes(self):
        """The ids of all processes that workers have started, reporters among them."""
        return [pid for worker in self.workers for pid in system.children_of(worker.pid)]

    def kill_and_restart(self, process):
        """kill -9 and, at once, another in its place."""
        system.kill(process.pid)
        process.wait()
        self.restart(process)

    def restart(self, process):
        """Another in the place of one that has ended."""
        if process is self.broker:
            self.start_broker()
            return
        for processes in (self.workers, self.clients):
            if process in processes:
                processes[processes.index(process)] = process.again()

    def check_alive(self):
        """Nothing has ended but what was ended."""
        for process in [self.broker, *self.workers, *self.clients]:
            check_runs(process)

    def settle(self, seconds):
        """No more faults: the clients stop submitting and wait for every end."""
        for client in self.clients:
            client.send_signal(signal.SIGTERM)
        end = time.monotonic() + seconds * system.PATIENCE
        for client in self.clients:
            try:
                client.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                for one in self.clients:
                    one.kill()
                return False
        return True

    def stop(self):
        """Ends everything, gently where possible."""
        self.page.set(sync_delay_ms=0, sync_errno=0, write_errno=0)
        for process in [*self.clients, *self.workers, self.broker]:
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                system.end_process(process)

    def close(self):
        self.stop()
        self.events.close()
        about = {"clock_jumped": self.clock_jumped}
        (self.folder / "round.json").write_text(json.dumps(about) + "\n")


def check_runs(process):
    if process.poll() is not None:
        raise Failed(f"process {process.pid} ended by itself with {process.returncode}; its log "
                     f"{process.log} ends with\n{process.log.read_text()[-2000:]}")


def limit_descriptors(pid, count):
    """Sets the soft limit of another process; returns the one before."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(count, hard), hard))
    return soft
