#!/usr/bin/env -S python3 -B
"""NATS core, with libnats and a queue group of two worker processes.

Requests and replies through the server, with a subject for each reply as request-reply has it; and
with one inbox for all replies, which is less work and leaves telling them apart to the program.
Nothing is stored: what nobody takes is gone.
"""

import sys

import children
import install
import peer
import script

# From here on libnats had better collect what it writes; below, that would only be a delay.
BUFFERED_WINDOW = 1000


class NatsPeer(peer.Peer):
    """A client of libnats beside a nats-server."""

    packages = ("nats-server", "libnats-dev", "g++")
    client = ""
    server_arguments = ()

    def start_server(self):
        self.program = install.compiled(self.build, self.client, ["nats"])
        self.port = children.free_port()
        server = self.start(["nats-server", "--addr", "127.0.0.1", "--port", self.port,
                             *self.server_arguments], "nats-server")
        server.wait_for_port(self.port)

    def pool_of(self, _variant, window):
        return "buffered" if window >= BUFFERED_WINDOW else "asap"

    def producer_command(self, pool):
        return [self.program, "producer", self.port, *pool.split()]

    def worker_commands(self, pool):
        return [[self.program, "worker", self.port, *pool.split()]] * peer.WORKERS


class Nats(NatsPeer):
    variants = {f"NATS {way}": "in memory, at most once" for way in ("request", "inbox")}
    client = "nats"

    def pool_of(self, variant, window):
        return f"{super().pool_of(variant, window)} {variant.split()[-1]}"


if __name__ == "__main__":
    sys.exit(script.main(Nats, __doc__))
