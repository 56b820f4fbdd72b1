"""Peers that take their leave in the middle of everything: the broker does not mind."""

import subprocess
import time
import unittest

import system

PYTHON = system.SOURCE / "tests/integration/python"
# Around the two seconds after which ZeroMQ's heartbeats, were they on, would find a dead connection
# with input waiting, and abort (libzmq issue 4364).
LIVES_S = (1.85, 1.88, 1.91, 1.94, 1.97)
ROUNDS = 10 if system.LONG else 2
WATCHED_S = 3


class RudePeers(unittest.TestCase):
    def test_rule_21_a_peer_that_leaves_with_much_unread_takes_nothing_down(self):
        running = self.enterContext(system.System(processes=1))
        for _ in range(ROUNDS):
            rude = [subprocess.Popen(["/usr/bin/python3", PYTHON / "rude.py", running.frontend,
                                      str(life)]) for life in LIVES_S]
            for peer in rude:
                self.assertEqual(peer.wait(60 * system.PATIENCE), 0)
        system.until(lambda: running.cli("queue", "ls").returncode == 0, 60,
                     "an answer once all that they sent is read")
        end = time.monotonic() + WATCHED_S
        while time.monotonic() < end:
            answer = running.cli("submit", "math.double", "[1,2,3]", "--wait")
            self.assertEqual((answer.returncode, answer.stdout), (0, "[2,4,6]\n"), answer.stderr)
        self.assertIsNone(running.broker.poll())


if __name__ == "__main__":
    system.main()
