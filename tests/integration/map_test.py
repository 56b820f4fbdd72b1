"""`penstock map` over streams of elements: right sums, bounded memory, and no half results."""

import json
import os
import pathlib
import subprocess
import unittest

import system

# Under a sanitizer a task takes a tenth of a millisecond, and a million of them two minutes.
MANY = 1_000_000 if system.PATIENCE == 1 else 100_000


def peak_kib(pid):
    """The largest resident memory that a process has had."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


class Maps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = cls.enterClassContext(system.System(processes=2))

    def run_lines(self, count, *flags):
        """Squares 1..count from a pipe; the exit code, stdout, stderr and peak memory in MiB."""
        read, write = os.pipe()
        numbers = subprocess.Popen(["seq", "1", str(count)], stdout=write)
        os.close(write)
        mapping = subprocess.Popen(
            [system.BIN / "penstock", "map", *flags, "--from", "-"], stdin=read,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.system.environment)
        os.close(read)
        output = mapping.stdout.read()
        _, status, usage = os.wait4(mapping.pid, 0)
        mapping.returncode = os.waitstatus_to_exitcode(status)
        errors = mapping.stderr.read()
        mapping.stdout.close()
        mapping.stderr.close()
        numbers.wait()
        return mapping.returncode, output, errors, usage.ru_maxrss / 1024

    def memory_of_the_rest(self):
        pids = [self.system.broker.pid, *(worker.pid for worker in self.system.workers),
                *(row["pid"] for row in self.system.worker_rows())]
        return {pid: peak_kib(pid) / 1024 for pid in pids}

    def check_sum(self, count, *flags):
        code, output, errors, own = self.run_lines(count, "math.square", "--reduce", "sum",
                                                   *flags)
        squares = count * (count + 1) * (2 * count + 1) // 6
        self.assertEqual((code, output), (0, f"{squares}\n"), errors)
        rest = self.memory_of_the_rest()
        print(f"\n{flags}: {errors.strip()}; MiB: penstock {own:.0f}, others "
              f"{[round(size) for size in rest.values()]}")
        if system.PATIENCE == 1:  # a sanitizer has a memory of its own
            self.assertLess(own + sum(rest.values()), 1024)

    def test_a_million_numbers_are_squared_and_added_up(self):
        self.check_sum(1_000_000)

    def test_as_many_tasks_of_one_number_each_too(self):
        self.check_sum(MANY, "--each")

    def reduced(self, array, *flags, kind="math.square"):
        answer = self.system.cli("map", kind, json.dumps(array), *flags)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return json.loads(answer.stdout)

    def test_the_mean_weighs_parts_of_different_lengths_rightly(self):
        numbers = list(range(1, 11))
        self.assertEqual(self.reduced(numbers, "--reduce", "mean", "--chunk-size", "4"), 38.5)

    def test_parts_are_joined_in_the_order_of_the_input(self):
        numbers = list(range(1000))
        self.assertEqual(self.reduced(numbers, "--reduce", "concat", "--chunk-size", "7"),
                         [number * number for number in numbers])
        self.assertEqual(self.reduced([], "--reduce", "concat"), [])

    def test_a_type_reduces_in_a_tree(self):
        numbers = list(range(1, 5001))
        self.assertEqual(self.reduced(numbers, "--each", "--reduce", "math.sum"),
                         sum(number * number for number in numbers))

    def test_each_element_gives_one_line_in_order(self):
        answer = self.system.cli("map", "math.square", "--each", "--from", "-",
                                 stdin="".join(f"{number}\n" for number in range(500)))
        self.assertEqual(answer.stdout,
                         "".join(f"{number * number}\n" for number in range(500)))

    def test_an_overflow_is_an_error_and_no_wrong_number(self):
        answer = self.system.cli("map", "math.square", "--each", "--reduce", "sum",
                                 json.dumps([3_000_000_000] * 3))
        self.assertEqual((answer.returncode, answer.stdout), (1, ""), answer.stderr)
        self.assertIn("64 bits", answer.stderr)
        self.assertEqual(self.reduced([3_000_000_000.0] * 3, "--each", "--reduce", "sum"), 2.7e19)

    def test_a_part_that_fails_leaves_no_result_and_its_exit_code(self):
        for how in ("sum", "mean", "concat", "math.sum"):
            answer = self.system.cli("map", "math.square", '[1,2,"x",4]', "--each", "--reduce",
                                     how, "--json")
            self.assertEqual(answer.returncode, 9, answer.stderr)
            self.assertIn("is dead", answer.stderr)
            if how == "concat":
                self.assertNotIn("]", answer.stdout)
            else:
                report = json.loads(answer.stdout)
                self.assertEqual((report["value"], report["failed"]), (None, 1))

    def test_without_a_reduction_the_others_go_on_and_the_failed_one_is_null(self):
        answer = self.system.cli("map", "math.square", '[1,2,"x",4]', "--each")
        self.assertEqual((answer.returncode, answer.stdout), (9, "1\n4\nnull\n16\n"))

    def test_input_that_is_not_whole_is_refused(self):
        for text, said in (("[1,2", "does not end"), ("1\nx\n", "element 2"),
                           ("[1]\n[2]\n", "--lines")):
            answer = self.system.cli("map", "math.square", "--from", "-", "--reduce", "sum",
                                     stdin=text)
            self.assertEqual((answer.returncode, answer.stdout), (2, ""))
            self.assertIn(said, answer.stderr)


if __name__ == "__main__":
    system.main()
