"""A worker written with the example's library whose types take time, or misbehave.

Usage: slow_worker.py BROKER SLOTS
"""

import hashlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "examples/python"))

from penstock_worker import Reject, Worker  # noqa: E402


def stretch(args, _payload):
    """Some 20 ms of computing."""
    return hashlib.pbkdf2_hmac("sha256", b"%d" % args, b"salt", 30_000).hex(), b""


def gate(args, _payload):
    """Waits until somebody writes to the named pipe."""
    with open(args, encoding="ascii") as pipe:
        return pipe.read(), b""


def crash(_args, _payload):
    os._exit(7)


def refuse(args, _payload):
    raise Reject(f"{args} will never do")


def fail(_args, _payload):
    raise OSError("the disk is full")


def echo(args, payload):
    return args, payload


if __name__ == "__main__":
    Worker(sys.argv[1], {"slow.stretch": stretch, "slow.gate": gate, "slow.crash": crash,
                         "slow.refuse": refuse, "slow.fail": fail, "slow.echo": echo},
           int(sys.argv[2]), process=100).run()
