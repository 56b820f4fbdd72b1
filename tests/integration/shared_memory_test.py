"""Large bodies between processes of one host: through /dev/shm where they can, through the sockets
where they cannot, and nothing is left behind by those who are killed."""

import os
import pathlib
import random
import subprocess
import unittest

import system
from system import until

SHM = pathlib.Path("/dev/shm")


def segments_of(pid):
    """The segments that a process has mapped, also those whose name is gone."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {pathlib.Path(line.split()[5]).name for line in lines if "/dev/shm/penstock-" in line}


def left(names):
    return {name for name in names if (SHM / name).exists()}


class SharedMemory(unittest.TestCase):
    def start(self, **settings):
        self.system = self.enterContext(system.System(processes=1, **settings))
        self.file = self.system.folder / "input"
        self.file.write_bytes(random.Random(7).randbytes(3_000_000))
        return self.system

    def workers(self):
        return system.children_of(self.system.workers[0].pid)

    def mapped(self):
        pids = [self.system.broker.pid, *self.workers()]
        return set().union(*(segments_of(pid) for pid in pids))

    def echo(self, *flags, durability="disk"):
        """A task whose payload comes back as it was; fails unless it does."""
        out = self.system.folder / "output"
        out.unlink(missing_ok=True)
        answer = self.system.cli(*flags, "submit", "test.echo", "--file", self.file, "--wait",
                                 "--out", out, "--durability", durability)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertTrue(out.read_bytes() == self.file.read_bytes())

    def submit(self, *flags, durability="disk"):
        answer = self.system.cli(*flags, "submit", "test.echo", "--file", self.file,
                                 "--durability", durability)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return answer.stdout.strip()

    def check_result(self, id):
        out = self.system.folder / "output"
        answer = self.system.cli("task", "result", id, "--out", out)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertTrue(out.read_bytes() == self.file.read_bytes())

    def test_large_bodies_lie_in_shared_memory_in_both_directions(self):
        for durability in ("memory", "disk"):
            with self.subTest(durability):
                self.start()
                self.echo(durability=durability)
                # The producer's and the worker's, both mapped by the other side.
                until(lambda: len(segments_of(self.system.broker.pid)) <= 2, what="two segments")
                self.assertEqual(len(self.mapped()), 2)
                self.system.__exit__(None, None, None)

    def test_who_shares_no_memory_gets_frames(self):
        self.start(broker_flags=["--no-shm"])
        self.echo()
        self.assertEqual(self.mapped(), set())

    def test_a_producer_without_memory_gets_frames(self):
        self.start()
        self.echo("--shm-size", "0")
        self.assertEqual(len(self.mapped()), 1)  # the worker's, which the broker reads

    def test_a_worker_without_memory_gets_and_gives_frames(self):
        self.start(worker_flags=["--shm-size", "0"])
        self.echo()
        self.assertEqual(set().union(*map(segments_of, self.workers())), set())

    def test_what_does_not_fit_into_a_small_ring_travels_in_frames(self):
        self.start(worker_flags=["--shm-size", "1MiB"])
        self.echo("--shm-size", "1MiB")
        folder = self.system.folder / "many"
        folder.mkdir()
        for number in range(30):
            (folder / f"{number}.bin").write_bytes(random.Random(number).randbytes(400_000))
        out = self.system.folder / "out"
        answer = self.system.cli("--shm-size", "1MiB", "map", "test.echo", "--files", folder,
                                 "--out-dir", out)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        for path in folder.iterdir():
            self.assertTrue((out / path.name).read_bytes() == path.read_bytes(), path.name)

    def test_a_payload_outlives_its_producer(self):
        """Accepted in memory only, and its producer has left before any worker is there."""
        self.start(start_worker=False)
        id = self.submit(durability="memory")
        names = segments_of(self.system.broker.pid)
        self.assertEqual(len(names), 1)
        self.assertEqual(left(names), names)
        self.system.start_worker()
        self.check_result(id)
        until(lambda: not left(names), what="the end of the producer's segment")

    def test_a_killed_broker_leaves_nothing_and_loses_nothing(self):
        self.start(start_worker=False)
        id = self.submit()
        names = segments_of(self.system.broker.pid)
        self.assertEqual(len(left(names)), 1)
        self.system.broker.kill()
        self.system.broker.wait()
        self.assertEqual(left(names), names)
        self.system.start_broker()
        self.assertEqual(left(names), set())
        self.system.start_worker()
        self.check_result(id)

    def test_killed_workers_leave_nothing(self):
        self.start()
        self.echo()
        names = self.mapped()
        for pid in self.workers():
            system.kill(pid)
        self.system.wait_for_workers(1)
        until(lambda: not left(names), seconds=5, what="the end of all segments")
        self.echo()

    def test_everything_killed_leaves_nothing_after_the_next_start(self):
        self.start()
        self.echo()
        names = self.mapped()
        self.assertTrue(left(names))
        pids = [self.system.broker.pid, self.system.workers[0].pid, *self.workers()]
        for pid in pids:
            system.kill(pid)
        self.system.broker.wait()
        self.system.workers[0].wait()
        until(lambda: not any(map(system.is_running, pids)), what="the end of all processes")
        self.system.start_broker()
        self.assertEqual(left(names), set())

    def test_a_killed_producer_leaves_nothing(self):
        self.start(worker_flags=["--queues", "other"])
        producer = self.system.start_cli("submit", "test.echo", "--file", self.file, "--wait",
                                         "--durability", "memory")
        names = until(lambda: segments_of(self.system.broker.pid), what="the payload")
        producer.kill()
        producer.communicate()
        row = until(lambda: self.system.json("task", "ls"), what="the task")[0]
        self.assertEqual(self.system.cli("task", "cancel", row["id"]).returncode, 0)
        until(lambda: not left(names), seconds=5, what="the end of the producer's segment")

    def test_a_dev_shm_without_room_is_no_obstacle(self):
        # The default is off there; asked for, it is found out when it is needed.
        for size in ("auto", "64MiB"):
            with self.subTest(size):
                script = ("mount -t tmpfs -o size=1m tmpfs /dev/shm && exec \"$@\"")
                prefix = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script,
                          "sh"]
                if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
                    self.skipTest("mounts are not allowed here")
                program = pathlib.Path(__file__).resolve()
                answer = subprocess.run(
                    [*prefix, "/usr/bin/env", "python3", "-B", program,
                     "SharedMemory.on_a_full_host"],
                    env=dict(os.environ, PENSTOCK_SHM_SIZE=size), capture_output=True, text=True,
                    timeout=120 * system.PATIENCE, check=False)
                self.assertEqual(answer.returncode, 0, answer.stderr)

    def on_a_full_host(self):
        self.start()
        self.echo()
        self.assertEqual(self.mapped(), set())


if __name__ == "__main__":
    system.main()
