"""What all peers have in common: a server, a producer and two workers per way of running them."""

import contextlib
import dataclasses
import pathlib
import shutil
import sys
import tempfile

import install
from children import PATIENCE_S, Child

WORKERS = 2


@dataclasses.dataclass(frozen=True)
class Repetition:
    """One timed run of a producer: right answers, how long they took, and what was wrong.

    Latencies are of windows of one task only.
    """

    tasks: int
    seconds: float
    wrong: int
    p50_us: float | None = None
    p99_us: float | None = None

    @property
    def rate(self):
        return self.tasks / self.seconds


class Peer:
    """A peer on this machine, as a context. What differs is in its script.

    A pool is a producer with its workers. Where one setting is best for throughput and another
    for latency, a peer has a pool for each; they start when they are needed first.
    """

    variants = {}  # name in the tables: what it promises
    packages = ()  # of Debian; the first one has the version that is measured
    workers_say_ready = True

    def __init__(self, build):
        self.build = build

    def install(self):
        install.install_debian(self.packages)

    def version(self):
        return install.debian_version(self.packages[0])

    def missing(self):
        return [package for package in self.packages if not install.debian_version(package)]

    def start_server(self):
        """Starts it with self.start(); before that, compiles what the pool needs."""

    def pool_of(self, variant, _window):
        return variant

    def producer_command(self, pool):
        raise NotImplementedError

    def worker_commands(self, _pool):
        return []

    def environment(self, _pool):
        return {}

    def __enter__(self):
        missing = self.missing()
        if missing:
            script = pathlib.Path(sys.modules[type(self).__module__].__file__).resolve()
            raise SystemExit(f"missing: {', '.join(missing)}; run {script} --install")
        self.producers, self.children = {}, []
        with contextlib.ExitStack() as stack:
            self.stack = stack
            self.folder = pathlib.Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="penstock-peer-")))
            self.start_server()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, kind, value, trace):
        self.stack.close()

    def start(self, command, name, **options):
        child = Child(command, self.folder, name, **options)
        self.stack.callback(child.end)
        self.children.append(child)
        return child

    def start_pool(self, pool):
        for number, command in enumerate(self.worker_commands(pool)):
            worker = self.start(command, f"worker-{pool}-{number}".replace(" ", "-"),
                                environment=self.environment(pool), pipes=True)
            if self.workers_say_ready:
                worker.line()
        return self.start(self.producer_command(pool), f"producer-{pool}".replace(" ", "-"),
                          environment=self.environment(pool), pipes=True)

    def run(self, variant, window, seconds):
        """One repetition. Its first answers show that all has started, so throw the first away."""
        pool = self.pool_of(variant, window)
        if pool not in self.producers:
            self.producers[pool] = self.start_pool(pool)
        answer = self.producers[pool].answer(f"{window} {seconds}", seconds + 3 * PATIENCE_S)
        for child in self.children:
            child.refuse_if_ended()
        return Repetition(**answer)


class NodePeer(Peer):
    """A peer that is a program in bench/peers/node."""

    modules = ()

    def missing(self):
        folder = install.node_folder(self.build) / "node_modules"
        return super().missing() + install.missing_node() + [
            f"npm package {name}" for name in self.modules if not (folder / name).exists()]

    def install(self):
        # Whoever has a Node.js of his own keeps it.
        own = [] if shutil.which("node") and shutil.which("npm") else ["nodejs", "npm"]
        install.install_debian([*self.packages, *own])
        if self.modules:
            install.prepare_build(self.build)
            install.install_npm(install.HERE / "node", install.node_folder(self.build))

    def environment(self, _pool):
        return {"NODE_PATH": str(install.node_folder(self.build) / "node_modules")}

    def node(self, program, *arguments):
        return ["node", install.HERE / "node" / program, *arguments]
