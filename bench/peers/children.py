"""Starts programs in a folder of their own, and ends those and no others."""

import contextlib
import ctypes
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import time

PATIENCE_S = 60
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """Runs in the child before its program: should this script be killed, it is killed, too."""
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


class Child:
    """A program in a session of its own, so that what it starts can be ended with it.

    What it says on stderr (without `pipes` also on stdout) is in `folder`/`name`.log.
    """

    def __init__(self, command, folder, name, environment=None, pipes=False):
        self.name, self.log = name, pathlib.Path(folder) / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], cwd=folder, stderr=log,
                stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipes else log,
                env=dict(os.environ, **(environment or {})), start_new_session=True,
                preexec_fn=end_with_parent)

    def ask(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def line(self, patience_s=PATIENCE_S):
        """The next line on its stdout. It says one at a time, so nothing is left in a buffer."""
        readable, _, _ = select.select([self.process.stdout], [], [], patience_s)
        text = self.process.stdout.readline().decode() if readable else ""
        if not text:
            raise SystemExit(self.complaint("does not answer"))
        return text

    def answer(self, line, patience_s):
        self.ask(line)
        return json.loads(self.line(patience_s))

    def wait_for_port(self, port):
        self.wait_for_server(socket.AF_INET, ("127.0.0.1", port))

    def wait_for_socket(self, path):
        self.wait_for_server(socket.AF_UNIX, str(path))

    def wait_for_server(self, family, address):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.socket(family) as probe:
                probe.settimeout(1)
                probe.connect(address)
                return
            time.sleep(0.05)
        raise SystemExit(self.complaint("does not start"))

    def refuse_if_ended(self):
        if self.process.poll() is not None:
            raise SystemExit(self.complaint("has ended on the way"))

    def complaint(self, what):
        said = self.log.read_text(errors="replace").splitlines()[-5:]
        return "\n  ".join([f"{self.name} {what}", *said])

    def end(self):
        """Asks it to end; what is left of its session some seconds later is killed."""
        with contextlib.suppress(OSError):
            self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
