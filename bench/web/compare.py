#!/usr/bin/python3
"""How does the gateway compare with the recipe itself, and with plain Express and sharp?

Each server runs alone, in turns, on the same photographs; every answer is checked, after the clock
has stopped. Prints requests a second (right answers only), p50 and p99 in milliseconds and the sum
of the processes' peak memory, for 1, 10 and 50 callers at a time, each as a multiple of Penstock's,
and how many answers were wrong.

Usage: compare.py [--seconds N] [--rounds N] [--bin build/release/bin]; `npm install` here first.
"""

import argparse
import concurrent.futures
import contextlib
import functools
import http.client
import json
import math
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
PHOTOS = sorted((HERE.parents[1] / "photos").glob("*.jpg"))
CALLERS = (1, 10, 50)
EDGE = "----penstock-bench"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server in a folder of its own, ended with everything that it has started."""

    def __init__(self, name, command_for):
        self.name, self.command_for = name, command_for

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="penstock-web-")
        self.port = free_port()
        environment = dict(os.environ, PORT=str(self.port))
        self.process = subprocess.Popen(
            self.command_for(self.port, self.folder.name), cwd=self.folder.name, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + 60
        while not self.is_ready():
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit(f"{self.name} does not start")
        return self

    def __exit__(self, kind, value, trace):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.folder.cleanup()

    def is_ready(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def data(self):
        return pathlib.Path(self.folder.name)

    def forget_peaks(self):
        """From now on peak_bytes() is of what comes."""
        for pid in tree_of(self.process.pid):
            with contextlib.suppress(OSError):
                pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak_bytes(self):
        """The sum of the peaks of all its processes."""
        total = 0
        for pid in tree_of(self.process.pid):
            try:
                text = pathlib.Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            total += sum(int(line.split()[1]) * 1024 for line in text.splitlines()
                         if line.startswith("VmHWM"))
        return total


def tree_of(pid):
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(below for child in children for below in tree_of(int(child)))]


def form_of(photo):
    body = (f'--{EDGE}\r\nContent-Disposition: form-data; name="image"; filename="p.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n").encode() + photo + f"\r\n--{EDGE}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={EDGE}"}


class Answered:
    """One answer, to be checked later."""

    def __init__(self, photo, milliseconds, status, body):
        self.photo, self.milliseconds, self.status, self.body = photo, milliseconds, status, body

    def path(self):
        return json.loads(self.body)["resultPath"]

    def is_right(self, server):
        try:
            if self.status != 200:
                return False
            if self.photo is None:
                return json.loads(self.body) == {"result": [75306, 75596, 75886, 76176]}
            with Image.open(server.data() / self.path()) as picture:
                picture.load()  # open() reads the beginning only
                return (picture.format, picture.size) in wanted(self.photo)
        except (OSError, ValueError, KeyError, TypeError):
            return False


@functools.cache
def wanted(photo):
    """What the picture of a photograph may be: upright, or as the camera held it, which is all that
    the others do; rounded either way."""
    with Image.open(photo) as picture:
        sizes = {picture.size, ImageOps.exif_transpose(picture).size}
    exact = [800 * height / width for width, height in sizes]
    return {("JPEG", (800, rounded)) for height in exact
            for rounded in (math.floor(height), math.ceil(height))}


def caller(server, route, number, until):
    """Requests one after the other. Who gets no answer at all connects anew."""
    photos = [(photo, *form_of(photo.read_bytes())) for photo in PHOTOS]
    numbers = [(None, b'{"numbers":[10,20,30,40]}', {"Content-Type": "application/json"})]
    requests = photos if route == "/upload" else numbers
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    answers = []
    while time.monotonic() < until:
        photo, body, headers = requests[(number + len(answers)) % len(requests)]
        begin = time.monotonic()
        try:
            connection.request("POST", route, body, headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            status, text = 0, b""
        answers.append(Answered(photo, (time.monotonic() - begin) * 1000, status, text))
    connection.close()
    return answers


def paths_of(answers):
    for answer in answers:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            yield answer.path()


def measure(server, route, callers, seconds):
    server.forget_peaks()
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        futures = [pool.submit(caller, server, route, number, begin + seconds)
                   for number in range(callers)]
        answers = [answer for future in futures for answer in future.result()]
    took = time.monotonic() - begin
    memory = server.peak_bytes() / 2**20
    right = sum(answer.is_right(server) for answer in answers)
    times = sorted(answer.milliseconds for answer in answers)
    paths = list(paths_of(answers)) if route == "/upload" else []
    return {"rate": right / took, "p50": statistics.median(times),
            "p99": times[min(len(times) - 1, int(len(times) * 0.99))], "memory": memory,
            "wrong": len(answers) - right, "twice": len(paths) - len(set(paths))}


def servers(binaries):
    def penstock(port, folder):
        return [binaries / "penstock", "up", "--data", folder, "--frontend", f"ipc://{folder}/f",
                "--backend", f"ipc://{folder}/b", "--metrics", "off", "--listen",
                f"http://127.0.0.1:{port}"]

    def node(script):
        return lambda port, folder: ["node", HERE / script]

    return [Server("penstock", penstock), Server("recipe", node("recipe.js")),
            Server("plain", node("plain.js"))]


def summary(taken):
    """Of several rounds: the median, and all that was wrong."""
    row = {field: statistics.median(one[field] for one in taken) for field in taken[0]}
    for field in ("wrong", "twice"):
        row[field] = sum(one[field] for one in taken)
    return row


def multiple(row, base, field):
    return f"({row[field] / base[field]:.2f})" if base[field] else "(-)"


def print_table(rows, route):
    """Behind each figure how many times Penstock's it is."""
    print(f"\n{route}\n{'server':10}{'callers':>8}{'req/s':>16}{'p50 ms':>16}{'p99 ms':>16}"
          f"{'MiB':>15}{'wrong':>7}{'names twice':>13}")
    for callers in CALLERS:
        base = rows["penstock", callers]
        for name in ("penstock", "recipe", "plain"):
            row = rows[name, callers]
            figures = "".join(f"{row[field]:9.1f}{multiple(row, base, field):>7}"
                              for field in ("rate", "p50", "p99"))
            print(f"{name:10}{callers:8}{figures}{row['memory']:8.0f}"
                  f"{multiple(row, base, 'memory'):>7}{row['wrong']:7.0f}{row['twice']:13.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is told")
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    options = parser.parse_args()
    for route in ("/process", "/upload"):
        samples = {}
        for _ in range(options.rounds):
            for server in servers(options.bin.resolve()):
                with server:
                    measure(server, route, 1, 1)  # warms up
                    for callers in CALLERS:
                        row = measure(server, route, callers, options.seconds)
                        samples.setdefault((server.name, callers), []).append(row)
        rows = {key: summary(taken) for key, taken in samples.items()}
        print_table(rows, route)
    return 0


if __name__ == "__main__":
    sys.exit(main())
