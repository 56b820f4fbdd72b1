"""Workers and the broker die while callers wait at the gateway."""

import concurrent.futures
import io
import itertools
import threading
import unittest

from PIL import Image

import gateway_system
import system
from gateway_system import JSON, PHOTOS

UPLOADS = 200 if system.PATIENCE == 1 else 40
KILL_EVERY = 15


def jpeg(picture):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()


class Crashes(unittest.TestCase):
    def test_every_caller_gets_the_right_picture_while_workers_are_killed(self):
        running = self.enterContext(gateway_system.GatewaySystem(processes=2))
        photos = [Image.open(path).convert("RGB").reduce(2) for path in PHOTOS]
        files = [jpeg(photo) for photo in photos]
        answered = itertools.count(1)
        kills = []

        def kill_one_that_works():
            # Both may have been killed, and not be back yet.
            rows = system.until(running.worker_rows, what="a worker process")
            busy = [row for row in rows if row["cpu_leases"] > 0] or rows
            system.kill(busy[len(kills) % len(busy)]["pid"])
            kills.append(1)

        def upload(width):
            answer = running.upload(files[width % len(files)], f"?width={width}&download=1",
                                    {"Prefer": "wait=120"}, timeout=150)
            if next(answered) % KILL_EVERY == 0:
                kill_one_that_works()
            return answer

        widths = [200 + number for number in range(UPLOADS)]
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(upload, widths))
        self.assertEqual([(a.status, a.body[:300]) for a in answers if a.status != 200], [])
        for width, answer in zip(widths, answers):
            photo = photos[width % len(photos)]
            picture = Image.open(io.BytesIO(answer.body)).convert("RGB")
            self.assertEqual(picture.width, width)
            exact = photo.resize(picture.size, Image.Resampling.LANCZOS)
            self.assertGreaterEqual(gateway_system.psnr(picture, exact), 28.0)
        print(f"{UPLOADS} uploads, {len(kills)} worker processes killed")
        self.assertEqual(len(kills), UPLOADS // KILL_EVERY)

    def test_a_broker_that_restarts_leaves_no_caller_without_an_answer(self):
        running = self.enterContext(gateway_system.GatewaySystem(processes=2))
        body = b'{"numbers":[10,20,30,40,50,60,70,80,90,100,110,120,130,140,150,160]}'
        done = threading.Event()
        answers = []

        def call():
            while not done.is_set():
                answers.append(running.post("/process", body, JSON))

        callers = [threading.Thread(target=call) for _ in range(8)]
        for caller in callers:
            caller.start()
        try:
            system.until(lambda: len(answers) > 20, what="the first answers")
            running.broker.kill()
            running.broker.wait()
            running.start_broker()
            running.wait_for_workers(2)
            running.wait_until_ready()
            count = len(answers)
            system.until(lambda: len(answers) > count + 40, seconds=60, what="answers again")
        finally:
            done.set()
            for caller in callers:
                caller.join()
        statuses = {answer.status for answer in answers}
        self.assertLessEqual(statuses, {200, 503}, statuses)
        self.assertEqual(answers[-1].status, 200)
        results = {bytes(a.body) for a in answers if a.status == 200}
        self.assertEqual(len(results), 1)
        lost = sum(answer.status == 503 for answer in answers)
        print(f"{len(answers)} answers over a restart of the broker, {lost} of them 503")


if __name__ == "__main__":
    system.main()
