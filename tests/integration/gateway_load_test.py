"""The gateway under load: 2,000 uploads at once by fifty, and a thousand callers who wait."""

import concurrent.futures
import contextlib
import hashlib
import http.client
import io
import json
import resource
import select
import threading
import unittest

from PIL import Image

import gateway_system
import system
from gateway_system import PHOTOS

# Sanitizers take the time and the memory; there the point is what they find.
UPLOADS = 2000 if system.PATIENCE == 1 else 200
CALLERS = 1000 if system.PATIENCE == 1 else 200
# Requests of /process at a time, and tasks of one (producer/gateway/core/limits.hpp).
PLACES = 1000
TASKS_MAX = 64
CLIENTS = 50
MEMORY_MAX = 100 << 20
HEALTH_P99_MAX_S = 0.05


def small_pictures(count):
    """Different small JPEG files, cut from the photographs."""
    photos = [Image.open(path).convert("RGB").reduce(4) for path in PHOTOS]
    pictures = []
    for number in range(count):
        photo = photos[number % len(photos)]
        left, top = number * 7 % (photo.width - 240), number * 13 % (photo.height - 200)
        file = io.BytesIO()
        photo.crop((left, top, left + 240, top + 160)).save(file, "JPEG", quality=92)
        pictures.append(file.getvalue())
    return pictures


class Load(unittest.TestCase):
    def setUp(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def test_no_two_uploads_share_a_name_and_each_gets_its_own_picture(self):
        running = self.enterContext(gateway_system.GatewaySystem(processes=2))
        pictures = small_pictures(20)
        numbers = iter(range(UPLOADS))
        lock = threading.Lock()
        answers = []

        def client():
            connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
            with contextlib.closing(connection):
                while True:
                    with lock:
                        number = next(numbers, None)
                    if number is None:
                        return
                    picture = number % len(pictures)
                    body, headers = gateway_system.form([("image", "same.jpg", pictures[picture])])
                    connection.request("POST", "/upload?width=120", body, headers)
                    answer = connection.getresponse()
                    answers.append((picture, answer.status, json.loads(answer.read())))

        took = gateway_system.seconds_of(lambda: run_all([client] * CLIENTS))
        self.assertEqual([a for a in answers if a[1] != 200], [])
        self.assertEqual(len(answers), UPLOADS)
        names = {answer["resultPath"] for _, _, answer in answers}
        self.assertEqual(len(names), UPLOADS)
        self.assertEqual(len(list((running.data / "processed").iterdir())), UPLOADS)
        of_picture = {}
        for picture, _, answer in answers:
            digest = hashlib.sha256((running.data / answer["resultPath"]).read_bytes()).digest()
            self.assertEqual(of_picture.setdefault(picture, digest), digest)
        self.assertEqual(len(set(of_picture.values())), len(pictures))
        self.assertEqual(running.spilled(), [])
        print(f"{UPLOADS} uploads by {CLIENTS} callers: {UPLOADS / took:.0f} a second, "
              f"{running.memory_bytes() >> 20} MiB")

    def test_a_thousand_callers_wait_at_once_and_health_stays_quick(self):
        running = self.enterContext(gateway_system.GatewaySystem(
            processes=2, broker_flags=["--liveness", "120s"]))
        with contextlib.ExitStack() as callers:
            with gateway_system.Stopped(running):
                request = process_request([10], "wait=120")
                connections = send_all(callers, running, request, CALLERS)
                system.until(lambda: open_tasks(running) == CALLERS,
                             what="a thousand waiting tasks")
                health = self.health(running)
                memory = running.memory_bytes()
            answers = [gateway_system.read_all(connection) for connection in connections]
        self.assertEqual([a for a in answers if b'{"result":[75306]}' not in a], [])
        p99 = gateway_system.percentile(health, 0.99)
        print(f"{CALLERS} waiting callers: {memory >> 20} MiB, /healthz p99 {p99 * 1000:.1f} ms")
        if system.PATIENCE == 1:
            self.assertLess(memory, MEMORY_MAX)
            self.assertLess(p99, HEALTH_P99_MAX_S)

    def test_tasks_are_bounded_whether_their_callers_wait_or_not(self):
        # Without a worker no task ends.
        running = self.enterContext(gateway_system.GatewaySystem(start_worker=False))
        numbers = list(range(TASKS_MAX))
        with contextlib.ExitStack() as callers:
            send_all(callers, running, process_request(numbers, "wait=300"), CALLERS)
            system.until(lambda: open_tasks(running) == CALLERS * TASKS_MAX, seconds=60,
                         what="64 tasks for each of a thousand callers")
            waiting = running.memory_bytes()
        system.until(lambda: open_tasks(running) == 0, seconds=60, what="no tasks for nobody")

        # A fresh one, for the cancelling has taken memory, too.
        system.end_process(running.gateway)
        running.start_gateway()
        request = process_request(numbers, "wait=0")
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            statuses = list(pool.map(lambda _: gateway_system.status_of(running.raw(request)),
                                     range(2 * PLACES)))
        memory = running.memory_bytes()
        self.assertLessEqual(set(statuses), {504, 429})
        self.assertLessEqual(statuses.count(504), PLACES)
        self.assertEqual(open_tasks(running), statuses.count(504) * TASKS_MAX)
        print(f"{CALLERS * TASKS_MAX} tasks that are waited for: {waiting >> 20} MiB; "
              f"{statuses.count(504) * TASKS_MAX} that are not: {memory >> 20} MiB")
        if system.PATIENCE == 1:
            self.assertLess(waiting, MEMORY_MAX)
            self.assertLess(memory, MEMORY_MAX)

    def health(self, running):
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
        times = []
        with contextlib.closing(connection):
            for _ in range(500):
                def ask():
                    connection.request("GET", "/healthz")
                    self.assertEqual(connection.getresponse().read(), b'{"status":"ok"}\n')
                times.append(gateway_system.seconds_of(ask))
        return times

    def test_slow_readers_of_results_cost_no_memory(self):
        running = self.enterContext(gateway_system.GatewaySystem(
            processes=2, gateway_flags=["--body-timeout", "300s"]))
        # So many that their pictures together are more than is allowed.
        readers = 20
        body, kind = gateway_system.form([("image", "a.jpg", PHOTOS[0].read_bytes())])
        # A PNG of some megabytes, more than the kernel takes for a reader that does not read.
        request = (f"POST /upload?download=1&format=png&width=1800 HTTP/1.1\r\nHost: a\r\n"
                   f"Content-Type: {kind['Content-Type']}\r\nConnection: close\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        with contextlib.ExitStack() as callers:
            connections = []
            for _ in range(readers):
                connections.append(callers.enter_context(running.connect(120)))
                connections[-1].sendall(request)
            system.until(lambda: running.queue()["completed"] == readers, seconds=240,
                         what="all pictures")
            for connection in connections:
                select.select([connection], [], [], 60 * system.PATIENCE)
            memory = running.memory_bytes()
            answers = [gateway_system.read_all(connection) for connection in connections]
        sizes = {len(answer) for answer in answers}
        self.assertEqual([a for a in answers if len(a) < 2000], [])
        self.assertEqual(len(sizes), 1, sizes)
        self.assertGreater(sizes.pop() * readers, MEMORY_MAX)
        print(f"{readers} slow readers of {len(answers[0]) >> 20} MiB: {memory >> 20} MiB")
        if system.PATIENCE == 1:
            self.assertLess(memory, MEMORY_MAX)


def process_request(numbers, prefer):
    body = json.dumps({"numbers": numbers}).encode()
    return (f"POST /process HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            f"Prefer: {prefer}\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def send_all(callers, running, request, count):
    """So many connections, closed with `callers`, on each of which the request is sent."""
    connections = []
    for _ in range(count):
        connections.append(callers.enter_context(running.connect(120)))
        connections[-1].sendall(request)
    return connections


def open_tasks(running):
    row = running.queue()
    return row["queued"] + row["active"]


def run_all(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        for future in [pool.submit(call) for call in calls]:
            future.result()


if __name__ == "__main__":
    system.main()
