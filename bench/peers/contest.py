"""Penstock and its peers in turns: first each one's best window, then the rounds."""

import contextlib
import dataclasses
import random
import statistics
import sys
import time

import intervals
import penstock
from bullmq import BullMq
from celery_peer import Celery
from cluster import Cluster
from gearman import Gearman
from jetstream import JetStream
from nats import Nats
from rabbitmq import RabbitMq
from worker_threads import WorkerThreads

PEERS = {"nats": Nats, "worker_threads": WorkerThreads, "cluster": Cluster, "gearman": Gearman,
         "bullmq": BullMq, "rabbitmq": RabbitMq, "celery": Celery, "jetstream": JetStream}
# How many times a peer's tasks/s Penstock's should be.
WANTED = {"nats": 3, "worker_threads": 3, "cluster": 10, "gearman": 50, "bullmq": 50,
          "rabbitmq": 50, "celery": 500, "jetstream": 1}
# What is put beside Penstock with its journal on disk; all others beside Penstock in memory.
DISK = ("JetStream", "RabbitMQ quorum")

WINDOWS = (100, 1000, 10000)
SWEEPS = 2
WARM_UP_S = 0.2
WARM_UP_WINDOW_MAX = 1000  # a larger one would take as long as what it is for
# A window that takes longer than this to come back once makes every round wait, and is not tried.
DRAIN_S_MAX = 5


def tell(text):
    print(f"compare: {text}", file=sys.stderr, flush=True)


@dataclasses.dataclass
class Runner:
    """Whoever takes part: a variant of a peer, or Penstock, and what has been measured of it."""

    name: str
    version: str = ""
    setting: object = None
    rates: list = dataclasses.field(default_factory=list)
    p50s_us: list = dataclasses.field(default_factory=list)
    p99s_us: list = dataclasses.field(default_factory=list)
    right: int = 0
    wrong: int = 0

    def take_times(self, turn):
        self.p50s_us.append(turn.p50_us)
        self.p99s_us.append(turn.p99_us)


@dataclasses.dataclass
class PeerRunner(Runner):
    """One way of running a peer."""

    peer: object = None
    wanted: float = 1
    mode: str = "memory"

    def run(self, window, seconds):
        done = self.peer.run(self.name, window, seconds)
        self.right += done.tasks
        self.wrong += done.wrong
        return done

    def find_best_window(self, seconds):
        found = {}
        for window in WINDOWS:
            if found and window / max(found.values()) > DRAIN_S_MAX:
                break
            tell(f"{self.name}, window {window}")
            self.run(window, WARM_UP_S)
            found[window] = statistics.median(
                self.run(window, seconds).rate for _ in range(SWEEPS))
        self.setting = max(found, key=found.get)

    def take_turn(self, seconds):
        self.run(1, WARM_UP_S)
        self.take_times(self.run(1, seconds))
        self.run(min(self.setting, WARM_UP_WINDOW_MAX), WARM_UP_S)
        self.rates.append(self.run(self.setting, seconds).rate)

    def ratio(self, beside):
        return intervals.ratio(beside.rates, self.rates)

    def single_ratio(self, beside):
        """With Penstock's single calls, as most peers have no others; nothing where it has none."""
        if None in beside.singles:
            return None
        return intervals.ratio(beside.singles, self.rates)[0]


@dataclasses.dataclass
class PenstockRunner(Runner):
    """Penstock in one of its modes."""

    bench: object = None
    singles: list = dataclasses.field(default_factory=list)  # rates of one task with each call

    def run(self, windows):
        turn = self.bench.run(windows)
        self.version = turn.version
        self.wrong += turn.wrong
        self.right += turn.right
        return turn

    def find_best_window(self, _seconds):
        tell(self.name)
        rates = self.run(WINDOWS).rates
        self.setting = max(rates, key=rates.get)

    def take_turn(self, _seconds):
        turn = self.run([self.setting.window])
        self.take_times(turn)
        self.rates.append(turn.rates[self.setting])
        # None on disk, where penstock-bench only submits in bulk.
        self.singles.append(turn.rates.get(penstock.Setting(self.setting.window, 1)))


def peer_runners(stack, names, build):
    """Starts the peers, which stay up until `stack` is closed."""
    for name in names:
        tell(f"starting {name}")
        peer = stack.enter_context(PEERS[name](build))
        for variant in peer.variants:
            yield PeerRunner(variant, peer.version(), peer=peer, wanted=WANTED[name],
                             mode="disk" if variant in DISK else "memory")


def compete(penstocks, names, options):
    """All of them with their figures. `penstocks` has a runner for each mode."""
    start = time.monotonic()
    with contextlib.ExitStack() as stack:
        peers = list(peer_runners(stack, names, options.build))
        used = [penstocks[mode] for mode in penstocks if mode in {one.mode for one in peers}]
        runners = [*used, *peers]
        for runner in runners:
            runner.find_best_window(options.seconds)
        take_rounds(runners, options, start)
    return used, peers


def take_rounds(runners, options, start):
    """As many as asked for, unless the next one would end after the time is up."""
    chance = random.Random(1)
    for number in range(options.rounds):
        begin = time.monotonic()
        # Whoever comes after Penstock is another one in each round.
        for runner in chance.sample(runners, len(runners)):
            tell(f"round {number + 1} of {options.rounds}, {runner.name}")
            runner.take_turn(options.seconds)
        now = time.monotonic()
        if now - start + (now - begin) > options.minutes * 60:
            tell("no time for another round")
            return
