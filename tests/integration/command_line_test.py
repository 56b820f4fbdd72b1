"""The first taste: what the README promises, on real processes."""

import json
import shutil
import subprocess
import unittest

import system


class FirstTaste(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = cls.enterClassContext(system.System(processes=2))

    def result(self, *arguments):
        answer = self.system.cli(*arguments)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return json.loads(answer.stdout)

    def test_numbers_are_doubled(self):
        self.assertEqual(self.result("submit", "math.double", "[1,2,3]", "--wait"), [2, 4, 6])

    def test_only_the_result_is_on_stdout(self):
        answer = self.system.cli("submit", "math.double", "[1,2,3]", "--wait")
        self.assertEqual(answer.stdout, "[2,4,6]\n")

    def test_numbers_are_squared(self):
        self.assertEqual(self.result("submit", "math.square", "[1,2,3,4,5]", "--wait"),
                         [1, 4, 9, 16, 25])

    def test_numbers_go_a_million_times_through_the_generator(self):
        self.assertEqual(self.result("submit", "math.lcg", "[10,20,30,40]", "--wait"),
                         [75306, 75596, 75886, 76176])

    def test_a_map_keeps_input_order_and_uses_several_processes(self):
        numbers = list(range(1, 1001))
        answer = self.result("map", "math.square", "--chunks", "4", json.dumps(numbers), "--json")
        chunks = answer["chunks"] if isinstance(answer, dict) else answer
        self.assertEqual([value for chunk in chunks for value in chunk["value"]],
                         [number * number for number in numbers])
        self.assertEqual(len(chunks), 4)
        for chunk in chunks:
            self.assertIn("thread", chunk)
            self.assertTrue(chunk["host"])
        self.assertGreaterEqual(len({chunk["pid"] for chunk in chunks}), 2)

    def test_a_bulk_of_lines_gives_results_in_order(self):
        lines = "".join(f"[{number}]\n" for number in range(500))
        answer = self.system.cli("submit", "math.double", "--from-jsonl", "-", "--wait",
                                 stdin=lines)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertEqual([json.loads(line) for line in answer.stdout.splitlines()],
                         [[2 * number] for number in range(500)])

    def test_a_task_can_be_followed_by_its_id(self):
        submitted = self.system.cli("submit", "math.sum", "[1,2,3]")
        task = submitted.stdout.strip()
        self.assertEqual(self.result("task", "result", task), 6)
        row = self.system.json("task", "get", task)
        self.assertEqual((row["id"], row["state"], row["type"]), (task, "completed", "math.sum"))
        listed = self.system.json("task", "ls", "--type", "math.sum")
        self.assertIn(task, [entry["id"] for entry in listed])

    def test_submit_has_two_other_names(self):
        for command in (["enqueue"], ["task", "add"]):
            self.assertEqual(self.result(*command, "math.double", "[21]", "--wait"), [42])

    def test_a_sleeping_task_can_be_cancelled(self):
        task = self.system.cli("submit", "math.sleep", '{"ms":60000}').stdout.strip()
        system.until(lambda: self.system.json("task", "get", task)["state"] == "active")
        self.assertEqual(self.system.cli("task", "cancel", task).returncode, 0)
        system.until(lambda: self.system.json("task", "get", task)["state"] == "cancelled")
        self.assertEqual(self.system.cli("task", "cancel", task).returncode, 4)

    def test_lists_are_arrays_of_objects(self):
        self.system.cli("submit", "math.double", "[1]", "--wait")
        queue = self.system.queue()
        self.assertGreaterEqual(queue["completed"], 1)
        workers = self.system.worker_rows()
        self.assertEqual(len(workers), 2)
        self.assertEqual(len({worker["pid"] for worker in workers}), 2)

    def test_a_list_for_programs_is_whole_and_one_for_people_says_that_it_is_not(self):
        lines = "[1]\n" * 120
        self.system.cli("submit", "math.double", "--queue", "many", "--from-jsonl", "-",
                        stdin=lines)
        self.assertEqual(len(self.system.json("task", "ls", "--queue", "many")), 120)
        table = self.system.cli("task", "ls", "--queue", "many")
        self.assertEqual(len(table.stdout.splitlines()), 101)
        self.assertIn("--limit 0", table.stderr)
        table = self.system.cli("task", "ls", "--queue", "many", "--limit", "120")
        self.assertEqual((len(table.stdout.splitlines()), table.stderr), (121, ""))

    def test_the_bytes_of_a_result_go_to_stdout_alone(self):
        photo = sorted((system.SOURCE / "photos").glob("*.jpg"))[0]
        made = subprocess.run(
            [system.BIN / "penstock", "submit", "image.resize", "--file", photo, "--wait", "--out",
             "-"],
            env=self.system.environment, cwd=self.system.folder, capture_output=True,
            timeout=60 * system.PATIENCE, check=False)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual((made.stdout[:3], made.stdout[-2:]), (b"\xff\xd8\xff", b"\xff\xd9"))
        self.assertFalse((self.system.folder / "-").exists())

    def test_brackets_in_the_name_of_a_folder_are_no_list(self):
        folder = self.system.folder / "[2024,a]"
        folder.mkdir()
        photo = sorted((system.SOURCE / "photos").glob("*.jpg"))[0]
        shutil.copy(photo, folder / "a.jpg")
        for command in (["image", "resize", "[2024,a]"], ["map", "image.resize", "--files",
                                                          "[2024,a]"]):
            made = subprocess.run(
                [system.BIN / "penstock", *command, "--out-dir", "out", "--json"],
                env=self.system.environment, cwd=self.system.folder, capture_output=True,
                timeout=60 * system.PATIENCE, check=False)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertEqual(len(json.loads(made.stdout)), 1)

    def test_an_error_in_json_has_one_shape_everywhere(self):
        notes = self.system.folder / "notes.jpg"
        notes.write_bytes(b"no image")
        huge = self.system.folder / "huge.jpg"
        with open(huge, "wb") as file:
            file.truncate(1 << 30)
        out = self.system.folder / "nothing"
        for command in (["image", "resize", notes, huge, "--out-dir", out],
                        ["map", "image.resize", "--files", notes, huge],
                        ["map", "image.resize", "[1]"]):
            answer = self.system.cli(*command, "--json")
            self.assertEqual(answer.returncode, 9, answer.stderr)
            for row in json.loads(answer.stdout):
                self.assertEqual(set(row["error"]), {"code", "message"})
                self.assertIn("state", row)
                self.assertIn("id", row)

    def test_a_wait_that_ends_first_says_so(self):
        answer = self.system.cli("submit", "math.sleep", '{"ms":30000}', "--wait", "--timeout",
                                 "300ms")
        self.assertEqual(answer.returncode, 8, answer.stderr)


if __name__ == "__main__":
    system.main()
