"""What a broker accepted survives kill -9, and ends once."""

import errno
import json
import subprocess
import sys
import unittest

import system

sys.path.insert(0, str(system.SOURCE / "tests/chaos"))

import fault_page  # noqa: E402

# A few: tests/chaos kills by the thousand, and everything.
KILLS = 3
TASKS = 2_000 * KILLS


class Durable(unittest.TestCase):
    def setUp(self):
        self.running = system.System(processes=2, start_worker=False)
        self.data = self.running.data
        self.enterContext(self.running)

    def restart_broker(self):
        system.kill(self.running.broker.pid)
        self.running.broker.wait()
        self.running.start_broker()

    def submit(self, *arguments):
        answer = self.running.cli("submit", *arguments, "--json")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return json.loads(answer.stdout)

    def test_rule_5_no_accepted_task_is_lost_when_the_broker_is_killed(self):
        self.running.start_worker()
        source = self.running.folder / "tasks.jsonl"
        source.write_text("".join(f"[{number}]\n" for number in range(TASKS)))
        producer = self.running.start_cli("submit", "math.double", "--from-jsonl", source,
                                          "--wait", "--timeout", "10m")
        self.addCleanup(system.end_process, producer)
        for kill in range(1, KILLS + 1):
            done = kill * TASKS // (2 * KILLS)
            system.until(lambda least=done: self.running.queue()["completed"] >= least, 60,
                         f"{done} completed tasks")
            self.restart_broker()
        output, errors = producer.communicate(timeout=300 * system.PATIENCE)
        self.assertEqual(producer.returncode, 0, errors)
        self.assertEqual([json.loads(line) for line in output.splitlines()],
                         [[2 * number] for number in range(TASKS)])
        counts = self.running.queue()
        self.assertEqual((counts["completed"], counts["dead"]), (TASKS, 0))

    def test_accepted_tasks_wait_for_the_next_broker_and_results_are_there_after_it(self):
        receipt = self.submit("math.double", "[4]")
        self.assertEqual(receipt["durability"], "disk")
        self.restart_broker()
        self.assertEqual(self.running.queue()["queued"], 1)
        self.running.start_worker()
        answer = self.running.cli("task", "result", receipt["id"])
        self.assertEqual(answer.stdout, "[8]\n", answer.stderr)
        self.restart_broker()
        answer = self.running.cli("task", "result", receipt["id"])
        self.assertEqual(answer.stdout, "[8]\n", answer.stderr)

    def test_delays_and_expiries_go_on_over_a_restart(self):
        delayed = self.submit("math.double", "[4]", "--delay", "3s")
        late = self.submit("math.double", "[5]", "--at", "2099-12-24T18:00:00+01:00")
        expiring = self.submit("math.double", "[6]", "--queue", "nobodys", "--expires", "2s")
        self.restart_broker()
        self.assertEqual(self.running.json("task", "get", late["id"])["state"], "scheduled")
        self.running.start_worker(flags=["--queues", "default"])
        answer = self.running.cli("task", "result", delayed["id"])
        self.assertEqual(answer.stdout, "[8]\n", answer.stderr)
        row = self.running.json("task", "get", delayed["id"])
        self.assertGreaterEqual(row["started_at"] - row["created_at"], 3000)
        answer = self.running.cli("task", "result", expiring["id"])
        self.assertEqual(answer.returncode, 9, answer.stderr)
        self.assertIn("expired", answer.stderr)
        self.restart_broker()
        self.assertEqual(self.running.json("task", "get", expiring["id"])["state"], "expired")
        self.assertEqual(self.running.cli("task", "cancel", late["id"]).returncode, 0)

    def test_a_task_that_asks_for_memory_costs_no_sync_and_ends_with_the_broker(self):
        receipt = self.submit("math.double", "[4]", "--durability", "memory")
        self.assertEqual(receipt["durability"], "memory")
        self.restart_broker()
        self.assertEqual(self.running.cli("task", "get", receipt["id"]).returncode, 3)

    def test_rule_13_a_cancel_survives_the_death_of_the_broker(self):
        waiting = self.submit("math.double", "[4]")["id"]
        self.assertEqual(self.running.cli("task", "cancel", waiting).returncode, 0)
        self.restart_broker()
        self.assertEqual(self.state_of(waiting), "cancelled")
        self.running.start_worker()
        spinning = self.submit("math.spin", '{"ms":600000,"ignore_cancel":true}')["id"]
        system.until(lambda: self.state_of(spinning) == "active", what="a running task")
        self.assertEqual(self.running.cli("task", "cancel", spinning).returncode, 0)
        self.restart_broker()
        self.assertEqual(self.state_of(spinning), "cancelled")
        self.assertEqual(self.state_of(waiting), "cancelled")

    def state_of(self, task):
        return self.running.json("task", "get", task)["state"]

    def test_rule_17_a_broker_whose_disk_fails_promises_nothing_more_and_says_so(self):
        page = self.start_broker_on_a_disk_that_can_fail()
        kept = self.submit("math.double", "[4]")["id"]
        page.set(sync_errno=errno.EIO)
        unconfirmed = self.running.start_cli("submit", "math.double", "[5]", "--durability", "disk")
        self.addCleanup(system.end_process, unconfirmed)
        self.assertEqual(self.running.broker.wait(30 * system.PATIENCE), 1)
        self.assertIn("nothing can be promised any more",
                      self.running.log_of(self.running.broker))
        unconfirmed.communicate(timeout=30 * system.PATIENCE)
        self.assertEqual(unconfirmed.returncode, 7)
        page.set(sync_errno=0)
        self.running.start_broker()
        self.assertEqual(self.state_of(kept), "queued")

    def start_broker_on_a_disk_that_can_fail(self):
        page = fault_page.FaultPage(self.running.folder / "faults.page")
        system.end_process(self.running.broker)
        usual = self.running.environment
        self.running.environment = usual | page.variables(system.BIN.parent / "tests/chaos")
        self.running.start_broker()
        self.running.environment = usual
        return page

    def test_large_bodies_survive_too(self):
        photo = system.SOURCE / "photos"
        image = max(photo.glob("*.jpg"), key=lambda path: path.stat().st_size)
        receipt = self.submit("image.resize", '{"width":100}', "--file", image)
        self.restart_broker()
        self.running.start_worker()
        small = self.running.folder / "small.jpg"
        answer = self.running.cli("task", "result", receipt["id"], "--out", small)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertEqual(small.read_bytes()[:2], b"\xff\xd8")

    def test_a_damaged_journal_is_refused_and_left_as_it_is(self):
        self.submit("math.double", "[4]")
        system.end_process(self.running.broker)
        segment, = (self.data / "journal").glob("segment-*")
        with open(segment, "r+b") as file:
            file.seek(4096 + 30)
            byte = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([byte[0] ^ 1]))
        before = segment.read_bytes()
        answer = self.start_another()
        self.assertEqual(answer.returncode, 1)
        self.assertIn(f"{segment.name} is damaged at byte 4096", answer.stderr)
        self.assertEqual(segment.read_bytes(), before)

    def test_a_folder_belongs_to_one_broker(self):
        answer = self.start_another()
        self.assertEqual(answer.returncode, 1)
        self.assertIn("in use by another process", answer.stderr)

    def start_another(self):
        return subprocess.run(
            [system.BIN / "penstock-broker", "--data", self.data, "--frontend",
             f"ipc://{self.running.folder}/f", "--backend", f"ipc://{self.running.folder}/b"],
            capture_output=True, text=True, timeout=60 * system.PATIENCE, check=False)


if __name__ == "__main__":
    system.main()
