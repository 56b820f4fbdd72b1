"""Both sides in process: Penstock's image handler as a function, and sharp."""

import dataclasses
import json
import os
import pathlib
import struct
import subprocess
import time

import zmq

HERE = pathlib.Path(__file__).resolve().parent
POOL = 4  # libuv's threads for sharp, and its pictures on their way
PATIENCE_MS = 120_000


TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class Turn:
    """How many pictures one side has made, byte for byte right or not, and in how long."""

    right: int
    wrong: int
    elapsed: float
    cpu_seconds: float  # of the processes of this side
    others: float  # cores' worth of work that others did meanwhile on the same cores

    @property
    def per_second(self):
        return self.right / self.elapsed

    @property
    def cpu_ms(self):
        return 1000 * self.cpu_seconds / self.right


def cpu_seconds(pid):
    """What a process has computed so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def busy_seconds():
    """How long the cores of this process were not idle so far, also for other virtual machines."""
    names = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    rows = (line.split() for line in pathlib.Path("/proc/stat").read_text().splitlines())
    # user, nice and system; irq, softirq and steal: what lies between is idleness
    return sum(int(row[column]) for row in rows if row[0] in names
               for column in (1, 2, 3, 6, 7, 8)) * TICK_S


def metered(pids, work):
    """A turn: `work` gives what was right, what was wrong and how long it took."""
    own, busy = sum(map(cpu_seconds, pids)), busy_seconds()
    right, wrong, elapsed = work()
    own, busy = sum(map(cpu_seconds, pids)) - own, busy_seconds() - busy
    return Turn(right, wrong, elapsed, own, max(0.0, busy - own) / elapsed)


def begun_at(first, photos, folder):
    """The same files in a folder of their own, in which the one of that number comes first."""
    folder.mkdir()
    for number, photo in enumerate(photos[first:] + photos[:first]):
        (folder / f"{number:04}.jpg").symlink_to(photo)
    return folder


class Engine:
    """The function that is the handler of image.resize, in one process per core without anything
    around it: the bare limit of `penstock-bench image`, and the same processes."""

    def __init__(self, bench, photos, right, folder, processes):
        self.context, self.sockets, self.processes = zmq.Context(), [], []
        for number in range(processes):
            # Each turn begins with the first photograph anew, so that the first ones come once more
            # often than the last: not the same ones in each process.
            first = number * len(photos) // processes
            views = [begun_at(first, files, folder / f"{kind}-{number}")
                     for kind, files in (("in", photos), ("right", right))]
            endpoint = f"ipc://{folder}/engine-{number}.sock"
            socket = self.context.socket(zmq.REQ)
            socket.setsockopt(zmq.RCVTIMEO, PATIENCE_MS)
            socket.setsockopt(zmq.LINGER, 0)
            socket.bind(endpoint)
            self.sockets.append(socket)
            self.processes.append(
                subprocess.Popen([bench, "--role", "resize", endpoint, *views]))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for process in self.processes:
            process.kill()
            process.wait()
        self.context.destroy()

    def turn(self, seconds):
        return metered([process.pid for process in self.processes], lambda: self.work(seconds))

    def work(self, seconds):
        """All processes at once, each one photograph after another."""
        begin = time.monotonic()
        for socket in self.sockets:
            socket.send(struct.pack("=q", int(seconds * 1e9)))
        try:
            counts = [struct.unpack("=QQ", socket.recv()) for socket in self.sockets]
        except zmq.Again:
            raise SystemExit("penstock-bench --role resize does not answer") from None
        right, wrong = (sum(column) for column in zip(*counts, strict=True))
        return right, wrong, time.monotonic() - begin


class Sharp:
    """One Node process with sharp in it."""

    def __init__(self, build, photos, width, quality):
        self.process = subprocess.Popen(
            ["node", HERE / "turns.js", build, photos, str(width), str(quality)],
            env=dict(os.environ, UV_THREADPOOL_SIZE=str(POOL)), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.kill()
        self.process.wait()

    def ask(self, **order):
        print(json.dumps(order), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("sharp has ended: is it installed? (--install)")
        return json.loads(line)

    def write(self, folder, optimise):
        """Its picture of each photograph; what later ones are compared with. Its versions."""
        return self.ask(write=str(folder), optimise=optimise)["versions"]

    def turn(self, seconds, optimise):
        return metered([self.process.pid], lambda: self.work(seconds, optimise))

    def work(self, seconds, optimise):
        answer = self.ask(seconds=seconds, optimise=optimise)
        return answer["right"], answer["wrong"], answer["elapsed"]
