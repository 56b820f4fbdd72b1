#!/usr/bin/env -S python3 -B
"""gearmand, with libgearman's client and two worker processes.

Foreground tasks: the producer has its result when the worker has it. Nothing is stored.
"""

import sys

import children
import install
import peer
import script


class Gearman(peer.Peer):
    variants = {"gearmand": "in memory; a task whose worker dies runs again"}
    packages = ("gearman-job-server", "libgearman-dev", "g++")

    def start_server(self):
        self.program = install.compiled(self.build, "gearman", ["gearman"])
        self.port = children.free_port()
        server = self.start(
            ["gearmand", "--listen", "127.0.0.1", "--port", self.port, "--threads", "0",
             "--log-file", "stderr", "--verbose", "ERROR"], "gearmand")
        server.wait_for_port(self.port)

    def producer_command(self, _pool):
        return [self.program, "producer", self.port]

    def worker_commands(self, _pool):
        return [[self.program, "worker", self.port]] * peer.WORKERS


if __name__ == "__main__":
    sys.exit(script.main(Gearman, __doc__))
