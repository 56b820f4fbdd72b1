"""A broker that answers HELLO and heartbeats, and nothing else, until it is ended."""

import sys

import msgpack
import zmq

HELLO, WELCOME, HEARTBEAT = 1, 2, 12


def main():
    socket = zmq.Context().socket(zmq.ROUTER)
    socket.bind(sys.argv[1])
    print("ready", flush=True)
    while True:
        peer, header, *_ = socket.recv_multipart()
        kind = msgpack.unpackb(header)[1]
        if kind == HELLO:
            welcome = [1, WELCOME, 7, "mute", 1_000, 6_000, 1 << 25, 1_024, None]
            socket.send_multipart([peer, msgpack.packb(welcome)])
        elif kind == HEARTBEAT:
            socket.send_multipart([peer, msgpack.packb([1, HEARTBEAT])])


if __name__ == "__main__":
    main()
