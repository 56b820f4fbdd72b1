"""A System with a gateway, and the ways in which its tests speak HTTP to it.

    with GatewaySystem(processes=2) as system:
        answer = system.post("/process", b'{"numbers":[10]}', JSON)
"""

import contextlib
import http.client
import json
import math
import re
import signal
import socket
import time

from PIL import Image, ImageChops

import system

JSON = {"Content-Type": "application/json"}
PHOTOS = sorted((system.SOURCE / "photos").glob("*.jpg"))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class GatewaySystem(system.System):
    """The gateway listens on a port of its own; `gateway_flags` are added to its flags."""

    def __init__(self, gateway_flags=(), **settings):
        super().__init__(**settings)
        self.gateway_flags = list(gateway_flags)
        self.gateway = None
        self.data = self.folder / "data"
        self.access_log = self.folder / "access.log"
        self.port = None

    def __enter__(self):
        super().__enter__()
        try:
            self.start_gateway()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        system.end_process(self.gateway)
        super().__exit__(kind, value, trace)

    def start_gateway(self):
        self.gateway = self.spawn(system.BIN / "penstock-gateway", "--listen",
                                  f"http://127.0.0.1:{self.port or 0}", "--data", self.data,
                                  "--access-log", self.access_log,
                                  *self.gateway_flags)
        self.port = int(system.until(
            lambda: re.search(r"url=http://127.0.0.1:(\d+)", self.log_of(self.gateway)),
            what="the gateway's address")[1])
        self.wait_until_ready()

    def wait_until_ready(self):
        system.until(lambda: self.get("/readyz").status == 200, what="readiness")

    def connect(self, timeout=60):
        return socket.create_connection(("127.0.0.1", self.port), timeout * system.PATIENCE)

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=timeout * system.PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, body, headers=None, timeout=60):
        return self.request("POST", path, body, headers, timeout)

    def upload(self, picture, query="", headers=None, field="image", name="photo.jpg",
               timeout=60):
        body, kind = form([(field, name, picture)])
        return self.post(f"/upload{query}", body, {**kind, **(headers or {})}, timeout)

    def raw(self, *pieces, timeout=30):
        """Sends bytes as they are, and gives back all that comes until the other side closes."""
        with self.connect(timeout) as connection:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
            return read_all(connection)

    def accesses(self):
        lines = self.access_log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def memory_bytes(self):
        return system.memory_of(self.gateway.pid)

    def descriptors(self):
        return len(list(system.pathlib.Path(f"/proc/{self.gateway.pid}/fd").iterdir()))

    def spilled(self):
        """Named files in the spill; bodies have no names."""
        return list((self.data / "spill").iterdir())


class Stopped:
    """The worker processes of a system stand still as long as the block runs."""

    def __init__(self, running):
        self.pids = [row["pid"] for row in running.worker_rows()]

    def __enter__(self):
        for pid in self.pids:
            system.os.kill(pid, signal.SIGSTOP)

    def __exit__(self, kind, value, trace):
        for pid in self.pids:
            system.os.kill(pid, signal.SIGCONT)


def form(parts, boundary="----penstock"):
    """The body and headers of a form; parts are (field, file name, bytes)."""
    body = b""
    for field, name, content in parts:
        disposition = f'form-data; name="{field}"' + (f'; filename="{name}"' if name else "")
        body += (f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
                 "Content-Type: application/octet-stream\r\n\r\n").encode() + content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def read_all(connection):
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def status_of(received):
    """The status of the first answer in these bytes, or 0 if there is none."""
    match = re.match(rb"HTTP/1\.[01] (\d{3}) ", received)
    return int(match[1]) if match else 0


def psnr(one, other):
    """Peak signal-to-noise ratio in dB of two RGB images of one size."""
    histogram = ImageChops.difference(one, other).histogram()
    squares = sum(count * (value % 256) ** 2 for value, count in enumerate(histogram))
    mean = squares / (one.width * one.height * 3)
    return 999.0 if mean == 0 else 10 * math.log10(255 * 255 / mean)


def quality_against_pillow(result, source):
    """PSNR of a result against Pillow's resize of the source to the same size."""
    picture = Image.open(result).convert("RGB")
    original = Image.open(source).convert("RGB")
    return psnr(picture, original.resize(picture.size, Image.Resampling.LANCZOS))


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def seconds_of(call):
    begin = time.monotonic()
    call()
    return time.monotonic() - begin
