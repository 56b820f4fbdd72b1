"""What a busy hour has taken from the machine, and when the machine has it again."""

import pathlib
import unittest

import system

MIB = 1 << 20


def uses_jemalloc(pid):
    return "jemalloc" in pathlib.Path(f"/proc/{pid}/maps").read_text()


class Memory(unittest.TestCase):
    def test_what_a_broker_no_longer_needs_goes_back_to_the_machine(self):
        few = self.enterContext(system.System(processes=1, broker_flags=[
            "--memory", "--result-ttl", f"{15 * system.PATIENCE:.0f}s", "--no-shm"]))
        if not uses_jemalloc(few.broker.pid):
            self.skipTest("this build has another allocator")
        line = '"' + "x" * (900 << 10) + '"\n'
        answer = few.cli("submit", "test.echo", "--from-jsonl", "-", "--durability", "memory",
                         stdin=line * 250)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        # The results are kept for a while, and nothing is used instead of them then. Each look asks
        # the broker something, which sets the pace.
        system.until(lambda: few.queue()["completed"] == 250, what="all results")
        self.assertGreater(system.memory_of(few.broker.pid), 150 * MIB)
        system.until(lambda: few.queue() and system.memory_of(few.broker.pid) < 120 * MIB,
                     seconds=60, what="memory given back")


if __name__ == "__main__":
    system.main()
