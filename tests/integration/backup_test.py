"""The operator's tools: check, dump, backup, restore and salvage of a broker's data folder."""

import fcntl
import json
import os
import re
import shutil
import sqlite3
import subprocess
import unittest

import system

# The journal is trimmed when it has 128 MiB more than is known of.
LOAD_TASKS = 400 if system.LONG else 120
LOAD_BYTES = 2 << 20


class Tools(unittest.TestCase):
    def setUp(self):
        self.running = system.System(processes=2, start_worker=False)
        self.data = self.running.folder / "data"
        # Little is remembered, so that the journal is trimmed early.
        self.running.broker_flags += ["--data", self.data, "--results-max", "1MiB"]
        self.enterContext(self.running)

    def broker_tool(self, *arguments, code=0):
        answer = subprocess.run([system.BIN / "penstock-broker", *map(str, arguments)],
                                capture_output=True, text=True, timeout=120 * system.PATIENCE,
                                check=False)
        self.assertEqual(answer.returncode, code, answer.stdout + answer.stderr)
        return answer

    def check(self, folder, code=0):
        return json.loads(self.broker_tool("check", folder, "--json", code=code).stdout)

    def submit(self, *arguments, count=1):
        """The ids of tasks that are accepted on disk."""
        source = self.running.folder / "lines.jsonl"
        source.write_text("[1]\n" * count)
        answer = self.running.cli("submit", "math.double", "--from-jsonl", source, "--durability",
                                  "disk", *arguments)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        ids = re.findall(r"[0-9a-f-]{36}", answer.stdout)
        self.assertEqual(len(ids), count)
        return ids

    def stop_broker(self):
        system.end_process(self.running.broker)

    def start_broker_on(self, folder):
        self.running.broker_flags = ["--data", folder]
        self.running.start_broker()

    def spoil(self, folder, offset):
        segment, = (folder / "journal").glob("segment-*")
        with open(segment, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([byte[0] ^ 1]))
        return segment

    def known_states(self, ids):
        rows = {row["id"]: row["state"] for row in self.running.json("task", "ls")}
        return [rows.get(one) for one in ids]


class CheckAndDump(Tools):
    def test_a_folder_in_use_is_refused_and_a_stopped_ones_records_are_counted(self):
        ids = self.submit(count=3)
        answer = self.broker_tool("check", self.data, code=4)
        self.assertIn("penstock broker backup", answer.stderr)
        self.broker_tool("dump", self.data, code=4)
        self.stop_broker()
        found = self.check(self.data)
        self.assertEqual((found["sound"], found["open_tasks"], found["finished_tasks"]),
                         (True, 3, 0))
        self.assertEqual(found["records"]["task_accepted"], 3)
        lines = self.broker_tool("dump", self.data).stdout.splitlines()
        self.assertEqual([line.split()[1] for line in lines], ["life"] + 3 * ["task_accepted"])
        for line, one in zip(lines[1:], ids):
            self.assertIn(f"id={one} type=math.double", line)
        self.broker_tool("check", self.running.folder / "nowhere", code=3)

    def test_a_dump_is_filtered_by_task_and_number(self):
        self.running.start_worker()
        first, second = self.submit(count=2)
        for one in (first, second):
            self.running.cli("task", "result", one)
        self.stop_broker()
        lines = self.broker_tool("dump", self.data, "--task", first).stdout.splitlines()
        self.assertEqual([line.split()[1] for line in lines], ["task_accepted", "task_finished"])
        rows = [json.loads(line) for line in
                self.broker_tool("dump", self.data, "--json", "--bodies").stdout.splitlines()]
        finished = [row for row in rows if row["kind"] == "task_finished"]
        self.assertEqual([row["args"] for row in finished], [[2], [2]])
        self.assertEqual({row["id"] for row in finished}, {first, second})
        lines = self.broker_tool("dump", self.data, "--from", 2, "--to", 2).stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["2"])
        self.broker_tool("dump", self.data, "--task", "nonsense", code=2)

    def test_a_damaged_journal_is_printed_up_to_the_damage_which_is_named(self):
        first, = self.submit()
        self.submit(count=2)
        self.stop_broker()
        # The start, the life, then one batch to each block.
        segment = self.spoil(self.data, 3 * 4096 + 60)
        before = segment.read_bytes()
        found = self.check(self.data, code=1)
        self.assertEqual((found["damage"]["file"], found["damage"]["byte"]),
                         (segment.name, 3 * 4096))
        answer = self.broker_tool("dump", self.data, code=1)
        self.assertIn(first, answer.stdout)
        self.assertIn(f"{segment.name} is damaged at byte 12288", answer.stderr)
        rows = self.broker_tool("dump", self.data, "--json", code=1).stdout.splitlines()
        self.assertEqual(json.loads(rows[-1])["damage"]["byte"], 3 * 4096)
        self.assertEqual(segment.read_bytes(), before)


class BackupAndRestore(Tools):
    def backup(self, name, code=0):
        folder = self.running.folder / name
        answer = self.running.cli("broker", "backup", folder)
        self.assertEqual(answer.returncode, code, answer.stderr)
        return folder, answer

    def test_a_broker_on_the_restored_folder_knows_every_task(self):
        ids = self.submit(count=50)
        backup, _ = self.backup("backup")
        later = self.submit(count=5)
        self.assertEqual(self.check(backup)["open_tasks"], 50)
        self.stop_broker()
        restored = self.running.folder / "restored"
        answer = json.loads(
            self.broker_tool("restore", backup, restored, "--json").stdout)
        self.assertGreater(answer["epoch"], answer["backup"]["epoch"])
        self.start_broker_on(restored)
        self.assertEqual(self.known_states(ids), 50 * ["queued"])
        self.assertEqual(self.known_states(later), 5 * [None])
        self.running.start_worker()
        answer = self.running.cli("task", "result", ids[0])
        self.assertEqual(answer.stdout, "[2]\n", answer.stderr)

    def bury(self):
        """The id of a task that has died, once the archive has it."""
        answer = self.running.cli("submit", "math.double", '"no number"')
        self.assertEqual(answer.returncode, 0, answer.stderr)
        task = answer.stdout.strip()
        system.until(lambda: task in self.dead(), what="the death")
        return task

    def dead(self):
        return [row["id"] for row in self.running.json("dead", "ls")]

    def test_a_copy_of_the_archive_may_be_put_beside_a_restored_journal(self):
        self.running.start_worker()
        first = self.bury()
        backup, _ = self.backup("backup")
        second = self.bury()
        # Newer than the journal's copy, which is the harder case.
        copy = self.running.folder / "archive.sqlite"
        with sqlite3.connect(self.data / "archive.sqlite") as live, sqlite3.connect(copy) as to:
            live.backup(to)
        self.stop_broker()
        restored = self.running.folder / "restored"
        self.broker_tool("restore", backup, restored)
        shutil.copy(copy, restored / "archive.sqlite")
        self.start_broker_on(restored)
        third = self.bury()
        self.assertEqual(self.dead(), [third, second, first])

    def test_a_backup_under_load_while_the_journal_is_trimmed_misses_nothing(self):
        ids = self.submit(count=200)
        self.running.start_worker(flags=("--queues", "load"))
        load = self.running.folder / "load"
        load.write_bytes(b"x" * LOAD_BYTES)
        producer = subprocess.Popen(
            ["/bin/bash", "-c", f"for i in $(seq {LOAD_TASKS}); do {system.BIN}/penstock submit "
             f"test.echo --queue load --file {load} --wait --out /dev/null -q || exit 1; done"],
            env=self.running.environment, stdin=subprocess.DEVNULL)
        self.addCleanup(system.end_process, producer)
        journal = self.data / "journal"
        backups = []
        made = 0
        # From before anything is trimmed until well behind it.
        while producer.poll() is None:
            accepted = self.submit(count=1)
            backups.append((*self.backup(f"backup-{made}"), [*ids, *accepted]))
            made += 1
            if len(backups) > 1:
                shutil.rmtree(backups.pop(0)[0])
            ids += accepted
        self.assertEqual(producer.returncode, 0)
        self.assertFalse((journal / "segment-0000000000000001").exists(), "nothing was trimmed")
        folder, _, known = backups[-1]
        self.assertTrue(self.check(folder)["sound"])
        self.stop_broker()
        restored = self.running.folder / "restored"
        self.broker_tool("restore", folder, restored)
        self.start_broker_on(restored)
        self.assertEqual(self.known_states(known), len(known) * ["queued"])

    def test_nothing_is_overwritten(self):
        self.submit()
        backup, _ = self.backup("backup")
        _, answer = self.backup("backup", code=4)
        self.assertIn("not empty", answer.stderr)
        self.broker_tool("restore", backup, self.data, code=4)
        self.assertEqual(self.known_states(self.submit()), ["queued"])

    def test_a_damaged_backup_is_not_restored(self):
        self.submit(count=3)
        backup, _ = self.backup("backup")
        self.spoil(backup, 2 * 4096 + 60)
        restored = self.running.folder / "restored"
        answer = self.broker_tool("restore", backup, restored, code=1)
        self.assertIn("is damaged at byte 8192", answer.stdout)
        self.assertFalse(restored.exists())

    def test_a_broker_in_memory_refuses(self):
        self.stop_broker()
        self.running.broker_flags = ["--memory"]
        self.running.start_broker()
        folder, answer = self.backup("backup", code=1)
        self.assertIn("--memory", answer.stderr)
        self.assertFalse(folder.exists())


class Salvage(Tools):
    def test_what_a_broker_refuses_is_salvaged_but_for_what_is_damaged(self):
        ids = [self.submit()[0] for _ in range(5)]
        self.stop_broker()
        # The life, then one task to each block: the second one goes.
        segment = self.spoil(self.data, 3 * 4096 + 60)
        before = segment.read_bytes()
        refused = subprocess.run(
            [system.BIN / "penstock-broker", "--data", self.data, "--frontend",
             f"ipc://{self.running.folder}/f", "--backend", f"ipc://{self.running.folder}/b"],
            capture_output=True, text=True, timeout=60 * system.PATIENCE, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("is damaged at byte 12288", refused.stderr)

        salvaged = self.running.folder / "salvaged"
        found = json.loads(
            self.broker_tool("salvage", self.data, salvaged, "--json", code=1).stdout)
        self.assertEqual(found["missing"], [{"first": 2, "last": 2}])
        self.assertEqual([(part["file"], part["byte"]) for part in found["lost"]],
                         [(segment.name, 3 * 4096)])
        self.assertEqual(segment.read_bytes(), before)
        self.assertTrue(self.check(salvaged)["sound"])

        self.start_broker_on(salvaged)
        self.assertEqual(self.known_states(ids), ["queued", None, *3 * ["queued"]])
        self.running.start_worker()
        answer = self.running.cli("task", "result", ids[4])
        self.assertEqual(answer.stdout, "[2]\n", answer.stderr)

    def test_an_operator_may_have_a_broker_start_on_a_damaged_journal(self):
        ids = [self.submit()[0] for _ in range(5)]
        self.stop_broker()
        segment = self.spoil(self.data, 3 * 4096 + 60)
        before = segment.read_bytes()
        self.running.broker_flags.append("--accept-damage")
        self.running.start_broker()
        self.assertEqual(self.known_states(ids), ["queued", None, *3 * ["queued"]])
        kept, = self.data.glob("journal.damaged-*")
        self.assertEqual((kept / segment.name).read_bytes(), before)
        self.assertIn("missing are the records 2 to 2", self.running.log_of(self.running.broker))
        # From now on it is sound, and the flag does nothing.
        self.stop_broker()
        self.running.start_broker()
        self.assertEqual(self.known_states(ids), ["queued", None, *3 * ["queued"]])
        self.assertEqual(sorted(self.data.glob("journal*")), [self.data / "journal", kept])
        self.assertEqual(list(self.data.glob("salvag*")), [])
        # As a start leaves it that is killed between the exchange and the end.
        self.stop_broker()
        (self.data / "salvaging").mkdir()
        kept.rename(self.data / "salvaging/journal")
        self.running.start_broker()
        kept, = self.data.glob("journal.damaged-*")
        self.assertEqual((kept / segment.name).read_bytes(), before)
        self.assertEqual(list(self.data.glob("salvag*")), [])

    def test_only_one_broker_at_a_time_accepts_damage(self):
        self.submit()
        self.stop_broker()
        segment = self.spoil(self.data, 2 * 4096 + 60)
        before = segment.read_bytes()
        folder = os.open(self.data, os.O_RDONLY | os.O_DIRECTORY)
        self.addCleanup(os.close, folder)
        fcntl.flock(folder, fcntl.LOCK_EX)
        refused = subprocess.run(
            [system.BIN / "penstock-broker", "--accept-damage", "--data", self.data, "--frontend",
             f"ipc://{self.running.folder}/f", "--backend", f"ipc://{self.running.folder}/b"],
            capture_output=True, text=True, timeout=60 * system.PATIENCE, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("is in use by another process", refused.stderr)
        self.assertEqual(segment.read_bytes(), before)

    def test_a_sound_journal_is_salvaged_whole(self):
        ids = self.submit(count=20)
        self.stop_broker()
        salvaged = self.running.folder / "salvaged"
        answer = self.broker_tool("salvage", self.data, salvaged)
        self.assertIn("missing   nothing", answer.stdout)
        self.start_broker_on(salvaged)
        self.assertEqual(self.known_states(ids), 20 * ["queued"])


if __name__ == "__main__":
    system.main()
