#!/usr/bin/env python3
"""Serves `text.reverse`: a text as argument, or in UTF-8 as payload, comes back reversed.

    examples/python/text_worker.py --broker tcp://127.0.0.1:5751 --slots 2
    penstock submit text.reverse '"stressed"' --wait      # "desserts"
"""
import argparse

from penstock_worker import Reject, Worker


def reverse(args, payload):
    if args is not None and not isinstance(args, str):
        raise Reject("the arguments must be a text, such as \"stressed\", or none")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Reject(f"the payload is no UTF-8: {error}") from None
    return args and args[::-1], text[::-1].encode("utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", default="tcp://127.0.0.1:5751", help="the backend's endpoint")
    parser.add_argument("--slots", type=int, default=1, help="tasks at the same time")
    parser.add_argument("--process", type=int, default=0, help="its number on this host")
    flags = parser.parse_args()
    Worker(flags.broker, {"text.reverse": reverse}, flags.slots, flags.process).run()


if __name__ == "__main__":
    main()
