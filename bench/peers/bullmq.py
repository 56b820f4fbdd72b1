#!/usr/bin/env -S python3 -B
"""BullMQ on Redis without persistence, with ioredis and two worker processes.

Tasks are added in bulk and removed when they are done; results come as return values in events.
"""

import json
import sys

import install
import peer
import redis_server
import script


class BullMq(peer.NodePeer):
    variants = {"BullMQ": "in Redis' memory, not persisted; at least once"}
    packages = ("redis-server",)
    modules = ("bullmq", "ioredis")

    def version(self):
        package = install.node_folder(self.build) / "node_modules" / "bullmq" / "package.json"
        return json.loads(package.read_text())["version"]

    def start_server(self):
        self.socket = redis_server.start(self)

    def pool_of(self, _variant, window):
        """How many tasks each worker may have at once: 50 is best for many, 1 for one."""
        return "1" if window == 1 else "50"

    def producer_command(self, pool):
        return self.node("bullmq.js", "producer", self.socket, pool)

    def worker_commands(self, pool):
        return [self.node("bullmq.js", "worker", self.socket, pool)] * peer.WORKERS


if __name__ == "__main__":
    sys.exit(script.main(BullMq, __doc__))
