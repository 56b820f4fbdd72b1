#!/usr/bin/env -S python3 -B
"""NATS JetStream with file storage: a work queue, one replica, one durable pull consumer.

A task is acknowledged when it is written, which is not when it is synced: this server leaves that
to a timer of two minutes. Results go back over NATS core.
"""

import sys

import nats
import script


class JetStream(nats.NatsPeer):
    variants = {"JetStream": "written to a file, not synced; at least once"}
    client = "jetstream"
    server_arguments = ("--jetstream", "--store_dir", "jetstream")


if __name__ == "__main__":
    sys.exit(script.main(JetStream, __doc__))
