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
        test = pathlib.Path(__file__).parent / "python" / "client_test.py"
        answer = subprocess.run([sys.executable, test, "--frontend", running.frontend],
                                capture_output=True, text=True, timeout=150 * system.PATIENCE,
                                check=False)
        print(answer.stderr[-4000:])
        self.assertEqual(answer.returncode, 0, answer.stdout[-2000:])


if __name__ == "__main__":
    system.main()
