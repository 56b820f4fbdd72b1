"""Submits faster than a broker reads, takes no answer, and is gone after so many seconds.

Usage: rude.py ENDPOINT SECONDS
"""

import os
import sys
import time

import msgpack
import zmq

HELLO, SUBMIT = 1, 3
BATCH, BATCHES = 1_024, 200
OPTIONS = [1, 0, 0, 0, 0, False]


def batch():
    tasks = [[os.urandom(16), None, b"x" * 200] for _ in range(BATCH)]
    return msgpack.packb([1, SUBMIT, "nobody.runs.this", "default", OPTIONS, tasks])


def main():
    messages = [batch() for _ in range(BATCHES)]
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.connect(sys.argv[1])
    socket.send(msgpack.packb([1, HELLO, "rude", None]))
    if not socket.poll(10_000):
        raise SystemExit("no welcome within 10 s")
    end = time.monotonic() + float(sys.argv[2])
    sent = 0
    while time.monotonic() < end:
        try:
            socket.send(messages[sent % BATCHES], zmq.NOBLOCK)
            sent += 1
        except zmq.Again:
            pass
    os._exit(0)  # no goodbye, and nothing is waited for


if __name__ == "__main__":
    main()
