#!/usr/bin/env -S python3 -B
"""RabbitMQ, classic durable and quorum queues, with librabbitmq and two worker processes.

Persistent messages, all confirmed to the producer and acknowledged by the workers; one node.
"""

import sys

import children
import install
import peer
import script

# Debian's wrapper of the same name changes to a user of its own, and to folders that are not ours.
SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"


class RabbitMq(peer.Peer):
    variants = {
        "RabbitMQ classic": "durable queue, written lazily, confirms without a sync; at least once",
        "RabbitMQ quorum": "one node: synced in batches before it confirms; at least once"}
    packages = ("rabbitmq-server", "librabbitmq-dev", "g++")

    def start_server(self):
        self.program = install.compiled(self.build, "rabbitmq", ["rabbitmq"])
        self.port, names = children.free_port(), children.free_port()
        # Without one of its own, the node would start a daemon that outlives it.
        self.start(["epmd", "-address", "127.0.0.1", "-port", names], "epmd").wait_for_port(names)
        plugins = self.folder / "enabled_plugins"
        plugins.write_text("[].\n")
        settings = self.folder / "rabbitmq.conf"
        settings.write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n")
        server = self.start([SERVER], "rabbitmq", environment={
            "HOME": str(self.folder), "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_NODENAME": f"peer-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(children.free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONFIG_FILE": str(settings), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_MNESIA_BASE": str(self.folder), "RABBITMQ_LOG_BASE": str(self.folder)})
        server.wait_for_port(self.port)

    def pool_of(self, variant, _window):
        return variant.split()[-1]

    def producer_command(self, pool):
        return [self.program, "producer", self.port, pool]

    def worker_commands(self, pool):
        return [[self.program, "worker", self.port, pool]] * peer.WORKERS


if __name__ == "__main__":
    sys.exit(script.main(RabbitMq, __doc__))
