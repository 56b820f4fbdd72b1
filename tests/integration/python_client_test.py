"""Another language: the client that was written from PROTOCOL.md alone, against a real system."""

import pathlib
import subprocess
import sys
import unittest

import system


class PythonClient(unittest.TestCase):
    def test_a_client_that_knows_only_the_document_gets_its_work_done(self):
        running = self.enterContext(system.System(
            processes=2, broker_flags=["--no-handler-grace", "500ms"]))
        self.passes("client_test.py", "--frontend", running.frontend)

    def test_it_recovers_from_silence_restarts_and_refusals(self):
        self.passes("recovery_test.py")

    def passes(self, script, *arguments):
        path = pathlib.Path(__file__).parent / "python" / script
        answer = subprocess.run([sys.executable, path, *arguments], capture_output=True, text=True,
                                timeout=150 * system.PATIENCE, check=False)
        print(answer.stderr[-4000:])
        self.assertEqual(answer.returncode, 0, answer.stdout[-2000:])


if __name__ == "__main__":
    system.main()
