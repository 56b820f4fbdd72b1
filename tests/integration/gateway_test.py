"""The gateway: what the recipe's HTTP examples do, and what callers get besides."""

import io
import json
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import unittest

from PIL import Image

import gateway_system
import system
from gateway_system import JSON, PHOTOS

PAGE = (system.SOURCE / "docs/HTTP.md").read_text(encoding="utf-8")
RECIPE = b'{"numbers":[10,20,30,40]}'


def examples():
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = example.partition("\n")
            yield command, output


def pattern_of(output):
    return ".*".join(re.escape(part) for part in output.split("…"))


class Recipe(unittest.TestCase):
    """The curl lines, on `penstock up` with its defaults but for the sockets."""

    def test_the_recipes_requests_do_what_they_did_there(self):
        running = self.enterContext(system.System(start_worker=False))
        system.end_process(running.broker)
        data = running.folder / "data"
        up = running.spawn(system.BIN / "penstock", "up", "--data", data, "--frontend",
                           running.frontend, "--backend", running.backend, "--metrics", "off",
                           "--listen", "http://127.0.0.1:0")
        self.addCleanup(system.end_process, up)
        url = system.until(lambda: re.search(r"url=(http://\S+)", running.log_of(up)))[1]

        def curl(*arguments):
            return subprocess.run(["curl", "-s", "-X", "POST", *map(str, arguments)], text=True,
                                  capture_output=True, timeout=60 * system.PATIENCE, check=False)

        system.until(lambda: curl("-X", "GET", f"{url}/readyz").stdout.find("ready") > 0)
        numbers = curl(f"{url}/process", "-H", "Content-Type: application/json", "-d",
                       RECIPE.decode())
        self.assertEqual(numbers.stdout, '{"result":[75306,75596,75886,76176]}\n')
        out = running.folder / "out.jpg"
        for photo in PHOTOS:
            answer = json.loads(curl("-F", f"image=@{photo}", f"{url}/upload").stdout)
            self.assertEqual(answer["message"], "Image processed successfully!")
            self.assertRegex(answer["resultPath"], r"\Aprocessed/output-[0-9a-f-]{36}\.jpg\Z")
            self.check(data / answer["resultPath"], photo)
            headers = curl("-F", f"image=@{photo}", "-H", "Accept: image/jpeg", "-o", out, "-D",
                           "-", f"{url}/upload").stdout
            self.assertRegex(headers, r'ETag: "[0-9a-f]{32}"')
            self.assertRegex(headers, r'Content-Disposition: attachment; filename="output-')
            self.check(out, photo)
        self.assertEqual(list((data / "spill").iterdir()), [])
        up.send_signal(signal.SIGTERM)
        self.assertEqual(up.wait(60 * system.PATIENCE), 0)

    def check(self, result, photo):
        with Image.open(result) as picture:
            self.assertEqual((picture.format, picture.width), ("JPEG", 800))
        quality = gateway_system.quality_against_pillow(result, photo)
        self.assertGreaterEqual(quality, 32.0, photo)

    def test_every_example_prints_what_the_page_says(self):
        running = self.enterContext(gateway_system.GatewaySystem(test_handlers=False))
        folder = running.folder / "examples"
        folder.mkdir()
        shutil.copy(PHOTOS[0], folder / "photo.jpg")
        for command, expected in examples():
            with self.subTest(command):
                here = command.replace("localhost:3000", f"127.0.0.1:{running.port}")
                answer = subprocess.run(
                    ["/bin/bash", "-c", here], cwd=folder, text=True, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                    timeout=60 * system.PATIENCE, check=False)
                self.assertRegex(answer.stdout,
                                 re.compile(rf"\A{pattern_of(expected)}\Z", re.DOTALL))


class Memory(unittest.TestCase):
    def test_uploads_are_the_same_where_no_memory_is_given_to_them(self):
        pictures = []
        for memory in ("0", "1KiB", "64MiB"):
            running = self.enterContext(gateway_system.GatewaySystem(
                processes=1, gateway_flags=["--bodies-in-memory", memory]))
            answer = running.upload(PHOTOS[0].read_bytes(), headers={"Accept": "image/jpeg"})
            self.assertEqual(answer.status, 200)
            pictures.append(answer.body)
        self.assertEqual(pictures, [pictures[0]] * 3)


class Gateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = cls.enterClassContext(gateway_system.GatewaySystem(processes=2))
        cls.photo = PHOTOS[0].read_bytes()

    def problem(self, answer, status, code):
        self.assertEqual((answer.status, answer.json().get("code")), (status, code), answer.body)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual(answer.json()["status"], status)

    def test_numbers_come_back_in_order(self):
        numbers = list(range(0, 3000, 7))
        answer = self.running.post("/process", json.dumps({"numbers": numbers}), JSON)
        self.assertEqual(answer.status, 200)
        plain = self.running.json("submit", "math.lcg", json.dumps(numbers), "--wait")
        self.assertEqual(answer.json()["result"], plain)
        empty = self.running.post("/process", b'{"numbers":[]}', JSON)
        self.assertEqual(empty.json(), {"result": []})

    def test_numbers_that_are_none_are_refused(self):
        post = self.running.post
        self.problem(post("/process", b"{", JSON), 400, "malformed_json")
        self.problem(post("/process", b'{"numbers":["a"]}', JSON), 422, "invalid_numbers")
        self.problem(post("/process", RECIPE), 415, "unsupported_media_type")
        self.problem(post("/process", b" " * (1 << 20) + RECIPE, JSON), 413, "too_large")

    def test_addresses_and_methods_that_are_none(self):
        self.problem(self.running.get("/"), 404, "not_found")
        answer = self.running.get("/upload")
        self.problem(answer, 405, "method_not_allowed")
        self.assertEqual(answer.headers["Allow"], "POST")
        self.problem(self.running.post("/upload?width=0", b"x"), 400, "invalid_option")
        self.problem(self.running.post("/upload", b"x", {"Accept": "text/html"}), 406,
                     "not_acceptable")
        self.problem(self.running.get("/%zz"), 400, "malformed_target")

    def test_forms_and_bodies_may_hold_the_picture(self):
        self.assertEqual(self.running.upload(self.photo, field="file").status, 200)
        self.assertEqual(self.running.post("/upload", self.photo).status, 200)
        pieces = (self.photo[at:at + 10_000] for at in range(0, len(self.photo), 10_000))
        self.assertEqual(self.running.post("/upload", pieces).status, 200)  # in chunks

    def test_options_and_accept_say_how_the_picture_comes_back(self):
        answer = self.running.upload(self.photo, "?width=100&height=80&fit=cover&download=1",
                                     {"Accept": "image/webp"})
        self.assertEqual(answer.headers["Content-Type"], "image/webp")
        picture = Image.open(io.BytesIO(answer.body))
        self.assertEqual((picture.format, picture.size), ("WEBP", (100, 80)))
        again = self.running.upload(self.photo, "?width=100&height=80&fit=cover&download=1",
                                    {"Accept": "image/webp"})
        self.assertEqual(answer.headers["ETag"], again.headers["ETag"])
        answer = self.running.upload(self.photo, "?format=png&width=50")
        with Image.open(self.running.data / answer.json()["resultPath"]) as picture:
            self.assertEqual((picture.format, picture.width), ("PNG", 50))

    def test_a_wait_that_ends_first_is_504_and_the_task_goes_on(self):
        with self.stopped_workers():
            answer = self.running.upload(self.photo, "?width=60", {"Prefer": "wait=1"})
            self.problem(answer, 504, "wait_over")
            task = answer.json()["task"]
            self.assertEqual(answer.headers["Location"], f"/v1/tasks/{task}")
            early = self.running.get(f"/v1/tasks/{task}/result")
            self.assertEqual(early.status, 202)
            self.assertIn(early.json()["state"], ("queued", "active"))
        system.until(lambda: self.running.get(f"/v1/tasks/{task}").json()["state"] == "completed")
        result = self.running.get(f"/v1/tasks/{task}/result")
        self.assertEqual((result.status, result.headers["Content-Type"]), (200, "image/jpeg"))
        self.assertEqual(Image.open(io.BytesIO(result.body)).width, 60)
        known = self.running.get(f"/v1/tasks/{task}/result",
                                 {"If-None-Match": result.headers["ETag"]})
        self.assertEqual((known.status, known.body), (304, b""))
        self.assertEqual(known.headers["Content-Length"], str(len(result.body)))

    def test_the_tasks_of_numbers_can_be_asked_for_later(self):
        answer = self.running.post("/process", RECIPE, {**JSON, "Prefer": "respond-async"})
        self.assertEqual(answer.status, 202)
        results = []
        for task in answer.json()["tasks"]:
            path = f"/v1/tasks/{task}/result"
            system.until(lambda path=path: self.running.get(path).status == 200)
            results += self.running.get(path).json()["result"]
        self.assertEqual(results, [75306, 75596, 75886, 76176])

    def test_who_hangs_up_cancels_what_only_it_waits_for(self):
        before = self.running.queue()["cancelled"]
        with self.stopped_workers():
            connection = self.running.connect()
            body, kind = gateway_system.form([("image", "a.jpg", self.photo)])
            connection.sendall(
                f"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: {kind['Content-Type']}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            system.until(lambda: self.running.queue()["queued"] +
                         self.running.queue()["active"] > 0)
            connection.close()
        system.until(lambda: self.running.queue()["cancelled"] > before, what="the cancelling")
        system.until(lambda: any(a["status"] == 499 for a in self.running.accesses()))

    def test_unknown_tasks_are_404(self):
        self.problem(self.running.get("/v1/tasks/01900000-0000-7000-8000-000000000000/result"),
                     404, "not_found")
        self.problem(self.running.get("/v1/tasks/7"), 404, "not_found")

    def stopped_workers(self):
        return gateway_system.Stopped(self.running)


class ComingAndGoing(unittest.TestCase):
    def test_a_full_queue_is_429_with_a_time_to_wait(self):
        running = self.enterContext(gateway_system.GatewaySystem(
            processes=1, broker_flags=["--queue-tasks-max", "2"]))
        with gateway_system.Stopped(running):
            answer = running.post("/process", RECIPE, JSON)
        self.assertEqual((answer.status, answer.json()["code"]), (429, "busy"))
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(running.post("/process", b'{"numbers":[10]}', JSON).status, 200)

    def test_a_broker_that_is_away_is_503_until_it_is_back(self):
        running = self.enterContext(gateway_system.GatewaySystem(processes=1))
        running.broker.kill()
        running.broker.wait()
        answer = running.post("/process", RECIPE, JSON)
        self.assertEqual(answer.status, 503)
        self.assertIn("Retry-After", answer.headers)
        system.until(lambda: running.get("/readyz").status == 503)
        self.assertEqual(running.get("/healthz").status, 200)
        running.start_broker()
        running.wait_for_workers(1)
        running.wait_until_ready()
        self.assertEqual(running.post("/process", RECIPE, JSON).status, 200)

    def test_a_stop_serves_those_who_wait_and_lets_nobody_in(self):
        running = self.enterContext(gateway_system.GatewaySystem(processes=1))
        answers = []
        with gateway_system.Stopped(running):
            waiting = threading.Thread(
                target=lambda: answers.append(running.post("/process", RECIPE, JSON)))
            waiting.start()
            system.until(lambda: sum(running.queue()[s] for s in ("queued", "active")) > 0)
            running.gateway.send_signal(signal.SIGTERM)
            system.until(lambda: running.get("/readyz").status == 503)
            late = running.post("/process", RECIPE, JSON)
            self.assertEqual((late.status, late.json()["code"]), (503, "draining"))
        waiting.join(60 * system.PATIENCE)
        self.assertEqual([a.json()["result"][0] for a in answers], [75306])
        self.assertEqual(running.gateway.wait(30 * system.PATIENCE), 0)

    def test_a_stop_does_not_wait_for_ever(self):
        running = self.enterContext(gateway_system.GatewaySystem(
            processes=1, gateway_flags=["--drain-timeout", "200ms"]))
        answers = []
        with gateway_system.Stopped(running):
            waiting = threading.Thread(
                target=lambda: answers.append(running.post("/process", RECIPE, JSON)))
            waiting.start()
            system.until(lambda: sum(running.queue()[s] for s in ("queued", "active")) > 0)
            running.gateway.send_signal(signal.SIGTERM)
            self.assertEqual(running.gateway.wait(20 * system.PATIENCE), 0)
        waiting.join(60 * system.PATIENCE)
        self.assertEqual([a.status for a in answers], [504])

    def test_addresses_for_others_need_a_word(self):
        answer = subprocess.run([system.BIN / "penstock-gateway", "--listen", "http://0.0.0.0:0",
                                 "--data", pathlib.Path("/nonexistent")], text=True,
                                capture_output=True, timeout=30 * system.PATIENCE, check=False)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("--insecure", answer.stderr)

    def test_two_gateways_cannot_share_a_data_folder(self):
        running = self.enterContext(gateway_system.GatewaySystem(processes=1))
        second = running.spawn(system.BIN / "penstock-gateway", "--listen", "http://127.0.0.1:0",
                               "--data", running.data)
        self.assertEqual(second.wait(20 * system.PATIENCE), 4)
        self.assertIn(str(running.data), running.log_of(second))


if __name__ == "__main__":
    system.main()
