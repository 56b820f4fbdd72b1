#!/usr/bin/env -S python3 -B
"""Node's cluster IPC: two forked processes, process.send in turns, serialised as JSON.

A queue in one program: nothing survives it, and nobody else can put anything into it.
"""

import subprocess
import sys

import peer
import script


class NodeBuiltIn(peer.NodePeer):
    """A part of Node.js itself; the producer brings its own workers."""

    program = ""

    def version(self):
        return "node " + subprocess.check_output(["node", "--version"], text=True).strip()

    def producer_command(self, _pool):
        return self.node(self.program)


class Cluster(NodeBuiltIn):
    variants = {"Node cluster": "in one program's memory, at most once"}
    program = "cluster.js"


if __name__ == "__main__":
    sys.exit(script.main(Cluster, __doc__))
