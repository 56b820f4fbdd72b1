#!/usr/bin/python3
"""How does the gateway compare with the recipe itself, and with plain Express and sharp?

Each server runs alone, in turns, on the same photographs; every answer is checked. Prints requests
a second, p50 and p99 in milliseconds and the sum of the processes' peak memory, for 1, 10 and 50
callers at a time, and the ratios to Penstock.

Usage: compare.py [--seconds N] [--rounds N] [--bin build/release/bin]; `npm install` here first.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image

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


def check_picture(server, answer, seen):
    path = json.loads(answer)["resultPath"]
    seen.append(path)
    with Image.open(server.data() / path) as picture:
        if (picture.format, picture.width) != ("JPEG", 800):
            raise ValueError(f"{path} is {picture.format}, {picture.width} wide")


def check_numbers(answer):
    if json.loads(answer) != {"result": [75306, 75596, 75886, 76176]}:
        raise ValueError(answer)


def caller(server, route, number, until, seen):
    """Requests one after the other; the times that they took in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    forms = [form_of(photo.read_bytes()) for photo in PHOTOS] if route == "/upload" else None
    numbers = (b'{"numbers":[10,20,30,40]}', {"Content-Type": "application/json"})
    times = []
    while time.monotonic() < until:
        body, headers = forms[(number + len(times)) % len(forms)] if forms else numbers
        begin = time.monotonic()
        connection.request("POST", route, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        times.append((time.monotonic() - begin) * 1000)
        if answer.status != 200:
            raise ValueError(f"{answer.status}: {text[:200]}")
        if forms:
            check_picture(server, text, seen)
        else:
            check_numbers(text)
    connection.close()
    return times


def measure(server, route, callers, seconds):
    seen = []
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        futures = [pool.submit(caller, server, route, number, begin + seconds, seen)
                   for number in range(callers)]
        times = sorted(value for future in futures for value in future.result())
    took = time.monotonic() - begin
    return {"rate": len(times) / took, "p50": statistics.median(times),
            "p99": times[min(len(times) - 1, int(len(times) * 0.99))],
            "memory": server.peak_bytes() / 2**20, "twice": len(seen) - len(set(seen))}


def servers(binaries):
    def penstock(port, folder):
        return [binaries / "penstock", "up", "--data", folder, "--frontend", f"ipc://{folder}/f",
                "--backend", f"ipc://{folder}/b", "--metrics", "off", "--listen",
                f"http://127.0.0.1:{port}"]

    def node(script):
        return lambda port, folder: ["node", HERE / script]

    return [Server("penstock", penstock), Server("recipe", node("recipe.js")),
            Server("plain", node("plain.js"))]


def print_table(rows, route):
    print(f"\n{route}\n{'server':10}{'callers':>8}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}"
          f"{'MiB':>7}{'names twice':>13}   Penstock's rate is")
    for callers in CALLERS:
        base = rows["penstock", callers]
        for name in ("penstock", "recipe", "plain"):
            row = rows[name, callers]
            ratio = "" if name == "penstock" else f"   {base['rate'] / row['rate']:.2f} x"
            print(f"{name:10}{callers:8}{row['rate']:9.1f}{row['p50']:9.1f}{row['p99']:9.1f}"
                  f"{row['memory']:7.0f}{row['twice']:13}{ratio}")


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
                    measure(server, route, 2, 1)  # warms up
                    for callers in CALLERS:
                        row = measure(server, route, callers, options.seconds)
                        samples.setdefault((server.name, callers), []).append(row)
        rows = {key: {field: statistics.median(row[field] for row in taken) for field in taken[0]}
                for key, taken in samples.items()}
        print_table(rows, route)
    return 0


if __name__ == "__main__":
    sys.exit(main())
