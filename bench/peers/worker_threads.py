#!/usr/bin/env -S python3 -B
"""Node's worker_threads: two threads of the producer's own process, postMessage in turns.

A queue in one process: nothing survives it, and one crash takes all.
"""

import sys

import cluster
import script


class WorkerThreads(cluster.NodeBuiltIn):
    variants = {"Node worker_threads": "in one process's memory, at most once"}
    program = "worker_threads.js"


if __name__ == "__main__":
    sys.exit(script.main(WorkerThreads, __doc__))
