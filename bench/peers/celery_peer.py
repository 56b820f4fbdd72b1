#!/usr/bin/env -S python3 -B
"""Celery on Redis without persistence, with results in Redis too.

Two worker processes: the two children of one `prefork` worker, which is what Celery starts by
default, or two workers that run tasks themselves (`solo`), which spares a pipe for each task.
"""

import sys

import install
import peer
import redis_server
import script

PROGRAMS = install.HERE / "celery_programs"
PYTHON = "/usr/bin/python3"  # the one that Debian's packages are for


class Celery(peer.Peer):
    variants = {name: "in Redis' memory, not persisted; at most once (acknowledged when taken)"
                for name in ("Celery prefork", "Celery solo")}
    packages = ("python3-celery", "python3-redis", "python3-hiredis", "redis-server")
    workers_say_ready = False  # the queue holds the tasks until they are

    def start_server(self):
        self.socket = redis_server.start(self)

    def pool_of(self, variant, _window):
        return variant.split()[-1]

    def environment(self, pool):
        return {"PYTHONPATH": str(PROGRAMS), "PYTHONDONTWRITEBYTECODE": "1",
                "PEER_REDIS": f"redis+socket://{self.socket}", "PEER_QUEUE": pool}

    def producer_command(self, _pool):
        return [PYTHON, PROGRAMS / "producer.py"]

    def worker_commands(self, pool):
        worker = [PYTHON, "-m", "celery", "-A", "application", "worker", "-l", "ERROR",
                  "--without-gossip", "--without-mingle", "--without-heartbeat", "-P", pool]
        if pool == "prefork":
            return [[*worker, "-c", peer.WORKERS]]
        return [[*worker, "-n", f"worker-{number}"] for number in range(peer.WORKERS)]


if __name__ == "__main__":
    sys.exit(script.main(Celery, __doc__))
