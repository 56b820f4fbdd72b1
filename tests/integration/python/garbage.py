"""Sends nonsense to a port of the broker and checks that each piece is refused with a reason."""

import random
import sys

import msgpack
import zmq

REFUSAL, MALFORMED, VERSION, NO_SESSION = 5, 1, 2, 3


def refusal(socket):
    """The code of the next refusal."""
    if not socket.poll(10_000):
        raise SystemExit("no answer within 10 s")
    answer = msgpack.unpackb(socket.recv_multipart()[0])
    assert answer[1] == REFUSAL, answer
    assert answer[3], "a refusal says why"
    return answer[2]


def main():
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.connect(sys.argv[1])
    chance = random.Random(11)

    socket.send(msgpack.packb([2, 1, "from the future"]))
    assert refusal(socket) == VERSION
    socket.send(msgpack.packb([1, 12]))
    assert refusal(socket) == NO_SESSION
    nonsense = [b"", b"\xc1", b"GET / HTTP/1.1\r\n", msgpack.packb({"v": 1}),
                msgpack.packb([1, 99]), msgpack.packb([1, 1]), msgpack.packb([1, 1, "x"]) + b"tail",
                b"\xdd\xff\xff\xff\xff", b"\x93" * 10_000,
                *(chance.randbytes(size) for size in (1, 10, 1_000, 100_000))]
    for piece in nonsense:
        socket.send(piece)
        assert refusal(socket) in (MALFORMED, VERSION), piece[:40]
    # More frames than any message has: dropped, and the next message is understood.
    socket.send_multipart([b"x"] * 10_000)
    socket.send(msgpack.packb([1, 12]))
    assert refusal(socket) in (MALFORMED, NO_SESSION)
    context.destroy(linger=0)


if __name__ == "__main__":
    main()
