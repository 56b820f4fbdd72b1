"""Every program and command has examples in its --help, and each of them does what it says.

They are run in a network of their own, where they have the default ports and the addresses of
other machines for themselves.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import unittest
import urllib.request

import program_helps
import shell_examples
import system

COLUMNS_MAX = 100
# Any task of the examples, of one that waits or runs if it is to be cancelled.
EXAMPLE_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
OTHER_MACHINE = "10.0.0.5"
SOCKETS = "/run/penstock"
OWN_NETWORK = "PENSTOCK_TEST_OWN_NETWORK"


def enter_own_network():
    """Starts this program again in a network namespace, if that is possible."""
    if OWN_NETWORK in os.environ or None in (shutil.which("unshare"), shutil.which("ip")):
        return
    for unshare in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        alone = subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True,
                               check=False)
        if alone.returncode == 0:
            os.environ[OWN_NETWORK] = "1"
            os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def runs_until_told_to_stop(command):
    words = shlex.split(command)
    if words[0] in ("penstock-broker", "penstock-worker", "penstock-gateway"):
        # `penstock-broker check` and the like work on files, and end.
        return not words[1:] or words[1].startswith("-")
    return words[:2] == ["penstock", "up"]


def all_examples():
    """Each (command, output) once, with the help that it is from."""
    found = {}
    for name, text in program_helps.of_all_commands():
        for example in shell_examples.read(program_helps.examples_block(text)):
            found.setdefault(example, name)
    return [(name, *example) for example, name in found.items()]


class Place(system.System):
    """A system on the default ports, and a folder with the files that the examples name."""

    def __init__(self, **options):
        super().__init__(backend="tcp://127.0.0.1:5751", test_handlers=False, **options)
        self.frontend = "tcp://127.0.0.1:5750"
        self.broker_flags += ["--backend", f"tcp://{OTHER_MACHINE}:5751", "--insecure", "--data",
                              self.folder / "data"]
        self.environment = {"PATH": f"{system.BIN}:/usr/bin:/bin", "HOME": str(self.folder),
                            **system.SANITIZER_OPTIONS}

    def files(self, name):
        folder = self.folder / name.replace(" ", "-")
        if not folder.exists():
            (folder / "photos").mkdir(parents=True)
            photos = sorted((system.SOURCE / "photos").glob("*.jpg"))
            for source, copy in zip(photos, ("photos/a.jpg", "photos/b.jpg", "photo.jpg")):
                shutil.copy(source, folder / copy)
            shutil.copy(photos[0], folder / "in.jpg")
            if name.startswith("penstock-broker "):
                # A backup is laid out as a data folder is.
                self.cli("broker", "backup", folder / "penstock-data")
        return folder

    def here(self, text):
        """The example with a folder that belongs to the test."""
        sockets = self.folder / "sockets"
        sockets.mkdir(exist_ok=True)
        return text.replace(SOCKETS, str(sockets))

    def task_for(self, command):
        words = shlex.split(command)
        waits = "cancel" in words
        task = ("math.sleep", '{"ms":600000}') if waits else ("math.double", "[1,2,3]")
        if "dead" in words:
            task = ("math.double", '"no number"')
        identity = self.cli("submit", *task).stdout.strip()
        if not waits:
            self.cli("task", "result", identity)
        return identity


class Form(unittest.TestCase):
    def test_no_command_is_overlooked(self):
        script = subprocess.run([system.BIN / "penstock", "completion", "bash"],
                                capture_output=True, text=True, check=True).stdout
        known = re.findall(r"^ *'(penstock[^']*)'\) words=", script, re.MULTILINE)
        found = [name for name, _ in program_helps.of_all_commands()]
        self.assertGreater(len(known), 10)
        self.assertEqual(set(known) - set(found), set())

    def test_every_program_and_command_has_an_example_of_its_own(self):
        for name, text in program_helps.of_all_commands():
            with self.subTest(name):
                examples = shell_examples.read(program_helps.examples_block(text))
                commands = [command for command, _ in examples]
                self.assertTrue(commands, "no line begins with '  $ ' below 'Examples:'")
                self.assertIn(name, " ".join(commands))
                self.assertNotIn("--help", " ".join(commands))

    def test_examples_fit_on_a_line(self):
        for name, text in program_helps.of_all_commands():
            for line in program_helps.examples_block(text).splitlines():
                with self.subTest(f"{name}: {line}"):
                    self.assertLessEqual(len(line) + 2, COLUMNS_MAX)

    def test_an_example_that_does_something_else_is_found(self):
        for command, expected in (("echo 5", "4\n"), ("echo 4; echo 5", "4\n"), ("false", ""),
                                  ("echo 4; false", "4\n"), ("false | true", ""),
                                  ("echo penstock: no", "penstock: no\n")):
            with self.subTest(command):
                answer = shell_examples.run(command, "/", {})
                self.assertIsNotNone(shell_examples.complaint(expected, *answer))


@unittest.skipUnless(OWN_NETWORK in os.environ, "needs iproute2 and network namespaces")
class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for command in ("link set lo up", f"address add {OTHER_MACHINE}/32 dev lo"):
            subprocess.run(["ip", *command.split()], check=True)

    def test_every_command_prints_what_its_help_says(self):
        place = self.enterContext(Place(processes=2))
        for name, command, expected in all_examples():
            if runs_until_told_to_stop(command):
                continue
            with self.subTest(f"{name}: {command}"):
                if EXAMPLE_ID in command:
                    identity = place.task_for(command)
                    command, expected = (text.replace(EXAMPLE_ID, identity)
                                         for text in (command, expected))
                answer = shell_examples.run(place.here(command), place.files(name),
                                            place.environment)
                self.assertIsNone(shell_examples.complaint(place.here(expected), *answer))

    def test_every_server_starts_and_stops(self):
        for name, command, expected in all_examples():
            if runs_until_told_to_stop(command):
                with self.subTest(f"{name}: {command}"):
                    self.run_server(command, expected)

    def run_server(self, command, expected):
        place = Place(start_worker=False)
        if not command.startswith(("penstock-worker", "penstock-gateway")):
            place.start_broker = lambda: None
        with place:
            command, expected = place.here(command), place.here(expected)
            server = place.spawn("/bin/bash", "-c", f"exec {command}", folder=place.files("here"))
            self.addCleanup(system.end_process, server)
            if command.startswith("penstock-gateway"):
                system.until(lambda: self.serves(server, place), what="the gateway's readiness")
            else:
                frontend = re.search(r"--frontend (\S+)", command)
                self.wait_until_ready(place, server, frontend[1] if frontend else place.frontend,
                                      workers=not command.startswith("penstock-broker"))
            server.send_signal(signal.SIGTERM)
            server.wait(20 * system.PATIENCE)
            self.assertIsNone(
                shell_examples.complaint(expected, place.log_of(server), server.returncode))

    def serves(self, server, place):
        self.assertIsNone(server.poll(), place.log_of(server))
        try:
            return urllib.request.urlopen("http://127.0.0.1:3000/readyz", timeout=5).status == 200
        except OSError:
            return False

    def wait_until_ready(self, place, server, frontend, workers):
        def is_ready():
            self.assertIsNone(server.poll(), place.log_of(server))
            answer = place.cli("worker", "ls", "--json", "--server", frontend)
            return answer.returncode == 0 and (not workers or answer.stdout != "[]\n")

        system.until(is_ready, what="the server's readiness")


if __name__ == "__main__":
    enter_own_network()
    system.main()
