"""Dead tasks: what is kept of them, in a file that survives the broker, and their retry."""

import json
import sqlite3
import subprocess
import unittest

import system

LOST = "01890a5d-ac96-774b-bcce-b302099a8057"


class DeadCase(unittest.TestCase):
    broker_flags = ()

    def setUp(self):
        self.running = system.System(processes=1, broker_flags=self.broker_flags)
        self.data = self.running.data
        self.enterContext(self.running)

    def submit(self, *arguments):
        answer = self.running.cli("submit", *arguments)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return answer.stdout.strip()

    def bury(self, *arguments):
        """Submits a task that dies, and waits for that."""
        identity = self.submit(*arguments)
        answer = self.running.cli("task", "result", identity)
        self.assertEqual(answer.returncode, 9, answer.stderr)
        return identity

    def reject(self, text="no number", *arguments):
        return self.bury("math.double", json.dumps(text), *arguments)

    def dead(self, *arguments):
        return self.running.json("dead", "ls", *arguments)

    def ids(self, *arguments):
        return [row["id"] for row in self.dead(*arguments)]

    def check(self, *arguments, status=0):
        answer = self.running.cli("dead", *arguments)
        self.assertEqual(answer.returncode, status, answer.stderr)
        return answer.stdout


class InMemory(DeadCase):
    broker_flags = ("--memory",)

    def test_a_broker_without_a_disk_keeps_its_dead_as_long_as_it_lives(self):
        task = self.reject("x", "--durability", "memory")
        self.assertEqual(self.ids(), [task])
        self.assertEqual(self.running.json("dead", "get", task)["args"], "x")
        self.assertFalse(self.data.exists())
        new = self.check("retry", task).strip()
        system.until(lambda: self.ids() == [new], what="the second death")


class Listing(DeadCase):
    def test_the_dead_are_listed_newest_first_by_what_they_are(self):
        first = self.reject()
        second = self.reject("x", "--queue", "slow")
        third = self.bury("test.fail", "{}", "--max-attempts", "2", "--backoff", "1ms")
        self.assertEqual(self.ids(), [third, second, first])
        self.assertEqual(self.ids("--queue", "slow"), [second])
        self.assertEqual(self.ids("--type", "test.fail"), [third])
        self.assertEqual(self.ids("--reason", "rejected"), [second, first])
        self.assertEqual(self.ids("--since", "1h"), [third, second, first])
        self.assertIn(third, self.check("ls"))

    def test_pages_continue_while_others_die_and_are_removed(self):
        ids = [self.reject(str(number)) for number in range(7)]
        page = self.running.cli("dead", "ls", "--limit", "3", "--json")
        self.assertEqual([row["id"] for row in json.loads(page.stdout)], ids[:3:-1])
        cursor = page.stderr.split("--cursor ")[1].split()[0]
        self.reject("new")
        self.check("rm", ids[4])
        self.assertEqual(self.ids("--cursor", cursor), ids[3::-1])

    def test_removed_is_removed(self):
        ids = [self.reject(str(number)) for number in range(3)]
        self.assertEqual(self.check("rm", ids[1]), "removed: 1\n")
        self.assertEqual(self.ids(), [ids[2], ids[0]])
        self.check("get", ids[1], status=3)
        self.check("rm", ids[1], status=3)
        self.check("rm", status=2)
        self.assertEqual(self.check("rm", "--all"), "removed: 2\n")
        self.assertEqual(self.dead(), [])

    def test_each_attempt_is_told_with_what_it_died_of(self):
        task = self.bury("test.crash", "{}", "--max-attempts", "5", "--backoff", "1ms")
        row = self.running.json("dead", "get", task)
        self.assertEqual(row["dead_reason"], "poison")
        self.assertEqual(len(row["reports"]), 2)
        for report in row["reports"]:
            self.assertEqual(report["death"]["cause"], "signalled")
            self.assertGreater(report["death"]["peak_memory_bytes"], 1 << 20)
            self.assertGreater(report["death"]["cpu_ms"], 0)
            self.assertGreater(report["pid"], 0)
        self.assertIn("peak memory", self.check("get", task))

    def test_the_last_words_of_a_process_are_kept_and_seen_where_they_always_were(self):
        task = self.bury("test.crash", '{"signal":6,"words":"the \\u001b[31mend"}',
                         "--backoff", "1ms")
        row = self.running.json("dead", "get", task)
        for report in row["reports"]:
            self.assertTrue(report["death"]["last_words"].endswith("the \x1b[31mend\n"))
        self.assertNotIn("\x1b", self.check("get", task))
        self.assertEqual(self.running.log_of(self.running.workers[0]).count("the \x1b[31mend\n"), 3)

    def test_a_payload_is_kept_and_given_back(self):
        payload = self.running.folder / "payload"
        payload.write_bytes(bytes(range(256)) * 1_000)
        task = self.bury("image.resize", '{"width":5}', "--file", payload)
        saved = self.running.folder / "saved"
        self.check("get", task, "--out", saved)
        self.assertEqual(saved.read_bytes(), payload.read_bytes())
        lines = self.check("export").splitlines()
        self.assertEqual(json.loads(lines[0])["args"], {"width": 5})
        file = self.running.folder / "all.jsonl"
        self.check("export", file)
        self.assertEqual(file.read_text().splitlines(), lines)

    def test_an_export_goes_over_all_pages(self):
        source = self.running.folder / "tasks.jsonl"
        source.write_text("".join(f'"{number}"\n' for number in range(1_500)))
        self.running.cli("submit", "math.double", "--from-jsonl", source, "--wait")
        args = [json.loads(line)["args"] for line in self.check("export").splitlines()]
        self.assertEqual(sorted(args, key=int), [str(number) for number in range(1_500)])


class Retrying(DeadCase):
    broker_flags = ("--no-handler-grace", "200ms")

    def test_a_retry_is_a_new_task_and_the_dead_one_says_which(self):
        text = self.running.folder / "text"
        text.write_text("hello\n")
        old = self.bury("exec.run", '{"command":"upper"}', "--file", text)
        self.assertEqual(self.ids("--reason", "no_handler"), [old])
        self.running.start_worker(1, ["--exec", 'upper=["/usr/bin/tr","a-z","A-Z"]'])
        self.running.wait_for_workers(2)
        new = self.check("retry", old).strip()
        self.assertNotEqual(new, old)
        answer = self.running.cli("task", "result", new, "--out", "-")
        self.assertEqual(answer.stdout, "HELLO\n", answer.stderr)
        self.assertEqual(self.dead(), [])
        row, = self.dead("--retried")
        self.assertEqual((row["id"], row["retry_id"], row["state"]), (old, new, "dead"))
        self.assertEqual(self.running.json("task", "get", old)["state"], "dead")
        self.assertIn(new, self.running.cli("dead", "retry", old).stderr)
        self.check("retry", old, status=4)

    def test_all_that_match_are_retried(self):
        kept = self.reject("kept", "--queue", "other")
        for number in range(120):
            self.submit("math.double", json.dumps(f"text {number}"))
        system.until(lambda: len(self.dead()) == 121, what="121 dead tasks")
        retried = self.check("retry", "--all", "--queue", "default").split()
        self.assertEqual(len(set(retried)), 120)
        # They die again, as what they are.
        system.until(lambda: len(self.dead()) == 121, what="121 dead tasks")
        self.assertEqual(set(self.ids()), {kept, *retried})
        self.check("retry", LOST, status=3)
        self.check("retry", status=2)


class Surviving(DeadCase):
    def restart(self):
        system.kill(self.running.broker.pid)
        self.running.broker.wait()
        self.running.start_broker()

    @property
    def file(self):
        return self.data / "archive.sqlite"

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as database:
            return database.execute(sql).fetchall()

    def test_what_is_dead_is_there_after_kill_9_and_people_can_read_the_file(self):
        ids = [self.reject(str(number)) for number in range(5)]
        self.restart()
        self.assertEqual(self.ids(), ids[::-1])
        self.restart()
        self.assertEqual(self.ids(), ids[::-1])
        self.assertEqual(self.rows("SELECT id FROM tasks ORDER BY position"),
                         [(identity,) for identity in ids])
        self.assertEqual(self.rows("SELECT count(*) FROM attempts WHERE error_code = 'rejected'"),
                         [(5,)])

    def test_killed_between_the_end_and_its_entry_the_next_broker_makes_up_for_it(self):
        lock = sqlite3.connect(self.file)
        lock.execute("BEGIN IMMEDIATE")
        ids = [self.reject(str(number)) for number in range(5)]
        system.kill(self.running.broker.pid)
        self.running.broker.wait()
        lock.rollback()
        lock.close()
        self.assertEqual(self.rows("SELECT count(*) FROM tasks"), [(0,)])
        self.running.start_broker()
        self.assertEqual(self.ids(), ids[::-1])
        row = self.running.json("dead", "get", ids[0])
        self.assertEqual(row["args"], "0")
        self.assertEqual(len(row["reports"]), 1)

    def test_an_archive_that_is_gone_is_made_again_from_the_journal(self):
        ids = [self.reject(str(number)) for number in range(5)]
        system.kill(self.running.broker.pid)
        self.running.broker.wait()
        for path in self.data.glob("archive.sqlite*"):
            path.unlink()
        self.running.start_broker()
        self.assertEqual(self.ids(), ids[::-1])
        self.assertEqual(self.running.json("dead", "get", ids[3])["args"], "3")

    def test_on_demand_it_is_made_again_and_the_former_one_set_aside(self):
        ids = [self.reject(str(number)) for number in range(5)]
        self.check("rm", ids[2])
        answer = self.rebuild()
        self.assertEqual(answer.returncode, 1)
        self.assertIn("in use by another process", answer.stderr)
        system.end_process(self.running.broker)
        before = self.rows("SELECT id FROM tasks")
        answer = self.rebuild()
        self.assertEqual(answer.stdout, "tasks in the archive: 5\n"
                         f"the former one is now {self.file}.old\n", answer.stderr)
        with sqlite3.connect(f"{self.file}.old") as old:
            self.assertEqual(old.execute("SELECT id FROM tasks").fetchall(), before)
        self.running.start_broker()
        self.assertEqual(self.ids(), ids[::-1])
        self.assertEqual(self.running.json("dead", "get", ids[2])["args"], "2")
        system.end_process(self.running.broker)
        self.file.write_bytes(b"x" * 20_000)
        self.assertIn("tasks in the archive: 5\n", self.rebuild().stdout)
        self.running.start_broker()
        self.assertEqual(self.ids(), ids[::-1])
        answer = self.rebuild(self.running.folder / "nowhere")
        self.assertEqual(answer.returncode, 1)
        self.assertFalse((self.running.folder / "nowhere").exists())

    def rebuild(self, folder=None):
        return subprocess.run([system.BIN / "penstock-broker", "rebuild-archive",
                               folder or self.data], capture_output=True, text=True,
                              timeout=60 * system.PATIENCE, check=False)

    def test_a_damaged_archive_stops_nothing_and_is_left_alone(self):
        ids = [self.reject()]
        system.kill(self.running.broker.pid)
        self.running.broker.wait()
        for path in self.data.glob("archive.sqlite-*"):
            path.unlink()
        self.file.write_bytes(b"x" * 20_000)
        self.running.start_broker()
        ids.append(self.reject())
        self.assertEqual(self.running.cli("submit", "math.double", "[4]", "--wait").stdout, "[8]\n")
        answer = self.running.cli("dead", "ls")
        self.assertEqual(answer.returncode, 7)
        self.assertIn("archive.sqlite", answer.stderr)
        self.assertEqual(self.file.read_bytes(), b"x" * 20_000)
        self.assertIn("the archive has failed", self.running.log_of(self.running.broker))
        system.end_process(self.running.broker)
        self.file.unlink()
        self.running.start_broker()
        self.assertEqual(self.ids(), ids[::-1])

    def test_a_forgotten_task_is_found_in_the_archive(self):
        old = self.reject()
        self.assertEqual(self.ids(), [old])  # it is in the archive, which may lag
        system.end_process(self.running.broker)
        for path in (self.data / "journal").iterdir():
            path.unlink()
        self.running.start_broker()
        self.assertEqual(self.running.json("task", "ls"), [])
        self.assertEqual(self.running.json("task", "get", old)["dead_reason"], "rejected")
        self.assertIn("dead (rejected)", self.running.cli("task", "get", old).stdout)
        # And the new journal's tasks follow those of the old one.
        new = self.reject()
        self.assertEqual(self.ids(), [new, old])
        self.restart()
        self.assertEqual(self.ids(), [new, old])

    def test_a_queue_with_a_history_keeps_other_ends(self):
        system.end_process(self.running.broker)
        self.running.broker_flags += ["--history", "kept"]
        self.running.start_broker()
        self.running.cli("submit", "math.double", "[1]", "--queue", "kept", "--wait")
        self.running.cli("submit", "math.double", "[1]", "--wait")
        dead = self.reject()
        system.until(lambda: len(self.rows("SELECT id FROM tasks")) == 2, what="two rows")
        self.assertEqual(self.rows("SELECT queue, state FROM tasks ORDER BY position"),
                         [("kept", "completed"), ("default", "dead")])
        self.assertEqual(self.ids(), [dead])
        self.check("retry", self.rows("SELECT id FROM tasks ORDER BY position")[0][0], status=4)


if __name__ == "__main__":
    system.main()
