"""Callers who mean harm, or know no better: the right answer, and everything back as it was."""

import concurrent.futures
import contextlib
import errno
import random
import struct
import threading
import unittest
import zlib

import gateway_system
import system
from gateway_system import PHOTOS, form, status_of

MUTATIONS = 100_000 if system.LONG else (2_000 if system.PATIENCE == 1 else 600)
SEED = 20_261_127


def png(width, height):
    """A black 1-bit PNG of that size; a few kilobytes for 900 megapixels."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) +
            chunk(b"IEND", b""))


def head(length, kind="image/jpeg", more=""):
    return (f"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {length}\r\n{more}\r\n").encode()


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = cls.enterClassContext(gateway_system.GatewaySystem(
            processes=2, gateway_flags=["--header-timeout", "1s", "--body-timeout", "1s",
                                         "--idle-timeout", "2s"]))
        cls.photo = PHOTOS[0].read_bytes()
        # As many at once as the hardest of the tests, so that what stays is there from the start.
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            list(pool.map(lambda _: cls.running.upload(cls.photo), range(48)))
        cls.workers = {row["pid"] for row in cls.running.worker_rows()}
        # One base line for all tests, so that none of them may leave a little. The calls between
        # the looks give connections that have been closed the time to go.
        cls.descriptors = min(cls.running.descriptors() for _ in range(10) if cls.running.queue())
        cls.memory = cls.running.memory_bytes()

    def tearDown(self):
        """Nobody has crashed, and nothing is left behind."""
        self.assertIsNone(self.running.gateway.poll())
        self.assertIsNone(self.running.broker.poll())
        system.until(lambda: {row["pid"] for row in self.running.worker_rows()} == self.workers,
                     what="the workers of the beginning, none of which has been replaced")
        system.until(lambda: self.running.descriptors() <= self.descriptors, what="descriptors")
        self.assertEqual(self.running.spilled(), [])
        # Allocators keep some of what they were once given.
        grown = self.running.memory_bytes() - self.memory
        self.assertLess(grown, (32 << 20) * system.PATIENCE)
        self.assertEqual(self.running.upload(self.photo, "?width=20").status, 200)

    def raw(self, *pieces):
        return status_of(self.running.raw(*pieces))

    def multipart(self, body, kind="multipart/form-data; boundary=B"):
        return self.running.post("/upload", body, {"Content-Type": kind})

    def code(self, answer):
        return answer.status, answer.json()["code"]

    def test_slow_bodies_and_heads_are_408(self):
        self.assertEqual(self.raw(head(1000), b"x"), 408)
        self.assertEqual(self.raw(b"POST /upload HTTP/1.1\r\nHost: a\r\n"), 408)
        self.assertEqual(self.raw(b"POST /upl"), 408)
        received = self.running.raw(head(1000), b"x")
        self.assertIn(b'"code":"too_slow"', received)

    def test_a_byte_now_and_then_is_no_body(self):
        with self.running.connect() as connection:
            connection.sendall(head(1_000_000))
            stop = threading.Event()

            def drip():
                with contextlib.suppress(OSError):
                    while not stop.wait(0.05):
                        connection.send(b"x")

            dripping = threading.Thread(target=drip)
            dripping.start()
            received = gateway_system.read_all(connection)
            stop.set()
            dripping.join()
        self.assertEqual(status_of(received), 408)

    def test_who_connects_and_says_nothing_is_let_go(self):
        self.assertEqual(self.running.raw(), b"")

    def test_bodies_that_lie_about_their_length(self):
        with self.running.connect() as connection:
            connection.sendall(head(1000) + b"too short")
            connection.shutdown(gateway_system.socket.SHUT_WR)
            self.assertEqual(status_of(gateway_system.read_all(connection)), 400)
        # What is too much counts as another request, which it is not.
        received = self.running.raw(head(5), b"hello and more\r\n\r\n")
        self.assertEqual(status_of(received), 415)
        self.assertNotIn(b"HTTP/1.1 200", received)
        for length in ("-1", "x", "1 1", "0x10", "99999999999999999999"):
            self.assertIn(self.raw(head(length), b"x"), (400, 413), length)

    def test_requests_whose_length_can_be_read_in_two_ways_are_400(self):
        chunked = "Transfer-Encoding: chunked\r\n"
        self.assertEqual(self.raw(head(5, more=chunked), b"0\r\n\r\n"), 400)
        self.assertEqual(self.raw(head(5, more="Content-Length: 6\r\n"), b"hello!"), 400)
        for coding in ("gzip", "chunked, gzip", "xchunked"):
            self.assertEqual(self.raw(
                f"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n\r\n".encode(),
                b"0\r\n\r\n"), 400, coding)

    def test_no_body_is_taken_for_a_request(self):
        hidden = b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        length = str(len(hidden)).encode()
        for header in (b"Content-Length : " + length, b"Content-Length\t: " + length,
                       b"Content-Length:\r\n " + length, b"X: y\r\n Content-Length: " + length,
                       b"Content-Length: 5\r\n 1", b"Transfer-Encoding : chunked",
                       b"Transfer-Encoding:\r\n chunked", b"Host: b"):
            for method in (b"POST /process", b"GET /healthz"):
                with self.subTest(header=header, method=method):
                    received = self.running.raw(
                        method + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
                        header + b"\r\n\r\n", hidden)
                    self.assertEqual(received.count(b"HTTP/1.1 "), 1, received)
                    self.assertEqual(status_of(received), 400)

    def test_a_body_without_a_length_is_411(self):
        self.assertEqual(self.raw(b"POST /upload HTTP/1.1\r\nHost: a\r\n\r\n"), 411)
        self.assertEqual(self.raw(b"POST /process HTTP/1.0\r\n\r\n"), 411)

    def test_ten_gigabytes_are_413_announced_or_not(self):
        self.assertEqual(self.raw(head(10 << 30), b"x" * 100_000), 413)
        self.assertEqual(self.raw(head(10 << 30, more="Expect: 100-continue\r\n")), 413)
        megabyte = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        start = (b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\n")
        self.assertEqual(self.raw(start, *[megabyte] * 60), 413)
        form_start = start.replace(b"image/jpeg", b"multipart/form-data; boundary=B")
        field = b'--B\r\nContent-Disposition: form-data; name="x"\r\n\r\n'
        chunk = b"%x\r\n" % len(field) + field + b"\r\n"
        self.assertEqual(self.raw(form_start, chunk, *[megabyte] * 60), 413)

    def test_chunks_that_are_none_are_400(self):
        start = b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertEqual(self.raw(start, b"zz\r\nhello\r\n"), 400)
        self.assertEqual(self.raw(start, b"5\r\nhello!!!\r\n"), 400)
        self.assertIn(self.raw(start, b"fffffffffffffffff\r\n"), (400, 413))

    def test_what_the_library_refuses_has_its_status_in_the_access_log(self):
        self.assertEqual(self.raw(b"GET /no-colon HTTP/1.1\r\nHost a\r\n\r\n"), 400)
        logged = system.until(lambda: [line["status"] for line in self.running.accesses()
                                       if line["path"] == "/no-colon"], what="the access log")
        self.assertEqual(logged, [400])

    def test_file_names_are_ignored(self):
        for name in ("../../etc/passwd", "/etc/passwd", "..\\..\\x", "..\\", "a\x00b", "x" * 2000,
                     "é%00", ".", "CON"):
            answer = self.running.upload(self.photo, "?width=30", name=name)
            self.assertEqual(answer.status, 200, name)
            self.assertRegex(answer.json()["resultPath"], r"\Aprocessed/output-[0-9a-f-]+\.jpg\Z")

    def test_headers_of_100_kilobytes_are_431(self):
        big = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"
        self.assertEqual(self.raw(big), 431)
        many = b"".join(b"X-%d: y\r\n" % number for number in range(10_000))
        self.assertEqual(self.raw(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n"), 431)
        self.assertIn(self.raw(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
                      (414, 431))

    def test_headers_close_to_the_limit_are_served_or_refused_and_never_end_in_silence(self):
        start = (b"POST /upload?download=1&width=20&format=png HTTP/1.1\r\nHost: a\r\n"
                 b"Connection: close\r\nContent-Length: %d\r\n" % len(self.photo))
        seen = set()
        for size in (1, 20, 60, 200, 1000, 4000, 11_000):
            # Around both limits, and up to where the library has no room itself.
            counts = {*range(90, 130, 3), *(12_000 // (size + 74) + more for more in range(-2, 60))}
            for count in sorted(counts):
                if 0 < count and count * (size + 74) < 17_000:
                    headers = b"".join(b"X-%d: %s\r\n" % (number + 1000, b"y" * size)
                                       for number in range(count))
                    answer = self.running.raw(start + headers + b"\r\n" + self.photo)
                    self.assertIn(status_of(answer), (200, 431), (size, count))
                    seen.add((status_of(answer), b"headers_too_large" in answer))
        self.assertEqual(seen, {(200, False), (431, True), (431, False)})
        get = b"GET /healthz?%s HTTP/1.1\r\nHost: a\r\n\r\n"
        self.assertIn(b"headers_too_large", self.running.raw(get % (b"&" * 105)))
        get = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n"
        self.assertIn(b"headers_too_large", self.running.raw(get % (b"y" * 13_000)))
        self.assertNotIn(b"200", self.running.raw(get % (b"y" * 15_500))[:20])

    def test_malformed_forms_are_400(self):
        good, kind = form([("image", "a.jpg", self.photo)], "B")
        for body, content_type in (
                (good, "multipart/form-data"), (good, "multipart/form-data; boundary="),
                (good, "multipart/form-data; boundary=C"), (good[:-6], kind["Content-Type"]),
                (good[:100], kind["Content-Type"]), (b"x", kind["Content-Type"]),
                (b"", kind["Content-Type"]), (good.replace(b"\r\n", b"\n"), kind["Content-Type"]),
                (good.replace(b"form-data; name", b"form-data; nome"), kind["Content-Type"])):
            answer = self.multipart(body, content_type)
            self.assertEqual(self.code(answer), (400, "malformed_multipart"), (body[:80]))
        broken = form([("image", "a.jpg", self.photo[:5000] + b"\r\n--B junk" + self.photo[5000:])],
                      "B")[0]
        self.assertEqual(self.code(self.multipart(broken)), (400, "malformed_multipart"))

    def test_a_form_has_one_file_with_something_in_it(self):
        two = form([("image", "a.jpg", self.photo), ("file", "b.jpg", self.photo)], "B")[0]
        self.assertEqual(self.code(self.multipart(two)), (400, "two_files"))
        twice = form([("image", "a.jpg", b""), ("image", "b.jpg", self.photo)], "B")[0]
        self.assertEqual(self.code(self.multipart(twice)), (400, "two_files"))
        self.assertEqual(self.code(self.multipart(form([("image", "a", b"")], "B")[0])),
                         (400, "empty_file"))
        self.assertEqual(self.code(self.multipart(form([("photo", "a", self.photo)], "B")[0])),
                         (400, "no_file"))
        self.assertEqual(self.code(self.multipart(b"--B--\r\n")), (400, "no_file"))

    def test_a_boundary_within_the_data_is_data(self):
        tail = b"\r\n-B\r\n--A\r\n B--B and --B--"
        body = form([("x", None, b"1"), ("image", "a.jpg", self.photo + tail)], "B")[0]
        self.assertEqual(self.multipart(body).status, 200)

    def test_what_is_no_picture_is_415_and_what_is_a_bad_one_422(self):
        for data in (b"this is a text file\n" * 99, b"GIF89a" + bytes(100), b"<svg/>", b"%!PS"):
            answer = self.running.upload(data)
            self.assertEqual(self.code(answer), (415, "unknown_format"))
        for data in (self.photo[:len(self.photo) // 2], self.photo[:300], png(30_000, 30_000),
                     png(1, 20_000), b"\xff\xd8\xff" + bytes(1000)):
            answer = self.running.upload(data)
            self.assertEqual(self.code(answer), (422, "rejected"), len(data))

    def test_mutated_requests_crash_nothing(self):
        small = png(40, 30)
        body, kind = form([("image", "a.png", small)], "B")
        numbers = b'{"numbers":[10,20]}'
        seeds = [
            head(len(body), kind["Content-Type"]) + body,
            head(len(small), more="Accept: image/*\r\n") + small,
            b"POST /process HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(numbers) + numbers,
            b"POST /upload?width=10&fit=cover HTTP/1.1\r\nHost: a\r\nPrefer: wait=1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(small) + small + b"\r\n0\r\n\r\n",
            b"GET /v1/tasks/01900000-0000-7000-8000-000000000000/result HTTP/1.1\r\nHost: a\r\n"
            b"If-None-Match: \"a\"\r\n\r\n",
        ]
        def send(number):
            request = mutated(random.Random(SEED + number), seeds)
            with self.running.connect() as connection:
                try:
                    connection.sendall(request)
                    connection.shutdown(gateway_system.socket.SHUT_WR)
                    return len(gateway_system.read_all(connection)) > 0
                except OSError as error:
                    # The gateway has hung up, which it may; but it must not stay silent.
                    if error.errno not in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
                        raise
                    return False

        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            answered = sum(pool.map(send, range(MUTATIONS)))
        print(f"{MUTATIONS} mutated requests, {answered} of them answered")
        self.assertIsNone(self.running.gateway.poll(), f"seed {SEED}")
        self.assertGreater(answered, MUTATIONS // 10)


def mutated(chance, seeds):
    """One of the requests, with a few of: a byte changed, a piece dropped, doubled, or cut off, or
    a word put in."""
    data = bytearray(chance.choice(seeds))
    words = (b"\r\n", b"\0", b"--B", b"%00", b"Content-Length: 5\r\n", b"chunked", b"\xff" * 9,
             b"0", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n", b" ", b":")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.randint(1, 40))
        kind = chance.randrange(5)
        if kind == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at:end]
        elif kind == 2:
            data[at:at] = data[at:end]
        elif kind == 3:
            data[at:at] = chance.choice(words)
        else:
            del data[max(at, 20):]
    return bytes(data)


if __name__ == "__main__":
    system.main()
