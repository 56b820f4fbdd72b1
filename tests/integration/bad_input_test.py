"""Bad input gets a clear error and the right exit code, and no process dies."""

import os
import pathlib
import random
import socket
import struct
import subprocess
import time
import unittest
import zlib

import system

PYTHON = pathlib.Path(__file__).parent / "python"


def png_header(width, height):
    """A PNG that says it is this large and has no pixels to speak of."""

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = cls.enterClassContext(system.System(
            processes=2, broker_flags=["--no-handler-grace", "500ms"]))
        cls.pids = {row["pid"] for row in cls.system.worker_rows()}

    def tearDown(self):
        self.assertIsNone(self.system.broker.poll(), "the broker died")
        self.assertEqual({row["pid"] for row in self.system.worker_rows()}, self.pids)

    def refused(self, code, words, *arguments, **options):
        answer = self.system.cli(*arguments, **options)
        self.assertEqual(answer.returncode, code, answer.stderr + answer.stdout)
        for word in words:
            self.assertIn(word, answer.stderr)
        self.assertEqual(answer.stdout, "")

    def file(self, name, content):
        path = self.system.folder / name
        path.write_bytes(content)
        return path

    def test_an_unknown_type(self):
        self.refused(9, ["math.dubble", "no_handler"], "submit", "math.dubble", "[1]", "--wait")

    def test_malformed_json(self):
        self.refused(2, ["JSON", "line 1"], "submit", "math.double", "[1,2", "--wait")

    def test_json_that_is_nested_too_deep(self):
        self.refused(2, ["deep"], "submit", "math.double", "[" * 1000 + "]" * 1000, "--wait")

    def test_arguments_that_the_handler_refuses(self):
        self.refused(9, ["width", "70000", "16384"], "submit", "image.resize",
                     '{"width":70000}', "--file",
                     system.SOURCE / "photos" / "friends_by_Aitzol_Berasategi.jpg", "--wait")

    def test_an_unknown_field(self):
        self.refused(9, ["widht"], "submit", "image.resize", '{"widht":80}', "--wait")

    def test_an_unknown_command_and_an_unknown_flag(self):
        self.assertEqual(self.system.cli("sumbit").returncode, 2)
        self.assertEqual(self.system.cli("submit", "math.double", "--wiat").returncode, 2)

    def test_a_text_file_named_jpg(self):
        path = self.file("notes.jpg", b"just a note\n")
        self.refused(9, ["JPEG, PNG or WebP"], "submit", "image.resize", "--file", path, "--wait")

    def test_a_truncated_photograph(self):
        whole = (system.SOURCE / "photos" / "friends_by_Aitzol_Berasategi.jpg").read_bytes()
        path = self.file("cut.jpg", whole[:len(whole) // 2])
        self.refused(9, ["rejected"], "submit", "image.resize", "--file", path, "--wait")

    def test_an_image_of_900_megapixels(self):
        path = self.file("huge.png", png_header(30000, 30000))
        self.refused(9, ["30000"], "submit", "image.resize", "--file", path, "--wait")

    def test_an_image_that_is_too_high(self):
        path = self.file("high.png", png_header(1, 20000))
        self.refused(9, ["16384"], "submit", "image.resize", "--file", path, "--wait")

    def test_a_payload_of_a_gigabyte(self):
        path = self.system.folder / "gigabyte.jpg"
        with open(path, "wb") as file:
            file.truncate(1 << 30)
        self.refused(2, ["32"], "submit", "image.resize", "--file", path, "--wait")
        answer = self.system.cli("image", "resize", path, "--out-dir", self.system.folder / "out")
        self.assertEqual(answer.returncode, 9)
        self.assertIn("32", answer.stderr)

    def test_a_pipe_among_the_images(self):
        path = self.system.folder / "pipe.jpg"
        os.mkfifo(path)
        self.refused(2, ["pipe.jpg", "neither a file nor a folder"], "image", "resize", path,
                     "--out-dir", self.system.folder / "out", "--timeout", "20s")

    def test_an_array_that_is_too_large_to_read(self):
        path = self.system.folder / "array.json"
        with open(path, "wb") as file:
            file.truncate(300 << 20)
        answer = self.system.cli("map", "math.double", "--from", path)
        self.assertEqual(answer.returncode, 2)
        self.assertNotIn("broker", answer.stderr)

    def test_a_queue_that_is_no_name(self):
        path = self.file("any.jpg", b"")
        for command in (["submit", "math.double", "[1]"], ["map", "math.double", "[1]"],
                        ["image", "resize", path, "--out-dir", self.system.folder / "out"]):
            self.refused(2, ["'two words'"], *command, "--queue", "two words")

    def test_an_unknown_task(self):
        self.refused(3, ["01890a5d-ac96-774b-bcce-b302099a8057"], "task", "get",
                     "01890a5d-ac96-774b-bcce-b302099a8057")
        self.refused(2, ["UUID"], "task", "get", "not-an-id")

    def test_a_durability_that_cannot_be_had(self):
        answer = self.system.cli("submit", "math.double", "[1]", "--durability",
                                 "replicated")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("on its own disk only", answer.stderr)

    def test_no_broker(self):
        self.refused(7, ["ipc:///nonexistent/broker.sock"], "-s",
                     "ipc:///nonexistent/broker.sock", "--timeout", "1s", "submit",
                     "math.double", "[1]", "--wait")

    def test_a_broker_that_says_welcome_and_no_more(self):
        endpoint = f"ipc://{self.system.folder}/mute.sock"
        mute = subprocess.Popen(["/usr/bin/python3", PYTHON / "mute_broker.py", endpoint],
                                stdout=subprocess.PIPE, text=True)
        self.addCleanup(mute.stdout.close)
        self.addCleanup(system.end_process, mute)
        self.assertEqual(mute.stdout.readline(), "ready\n")
        for command in (["queue", "ls"], ["submit", "math.double", "[1]"],
                        ["task", "cancel", "01890a5d-ac96-774b-bcce-b302099a8057"],
                        ["map", "math.double", "[1]"]):
            before = time.monotonic()
            self.refused(8, [], "-s", endpoint, "--timeout", "2s", *command)
            self.assertLess(time.monotonic() - before, 20 * system.PATIENCE)

    def test_garbage_on_the_wire_of_both_ports(self):
        chance = random.Random(7)
        for port in ("frontend.sock", "backend.sock"):
            for size in (1, 64, 100_000):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
                    peer.connect(str(self.system.folder / port))
                    try:
                        peer.sendall(chance.randbytes(size))
                    except (BrokenPipeError, ConnectionResetError):
                        pass
        answer = self.system.cli("submit", "math.double", "[1]", "--wait")
        self.assertEqual(answer.stdout, "[2]\n")

    def test_garbage_messages_and_wrong_versions_on_both_ports(self):
        for port in (self.system.frontend, self.system.backend):
            answer = subprocess.run(["/usr/bin/python3", PYTHON / "garbage.py", port],
                                    capture_output=True, text=True,
                                    timeout=60 * system.PATIENCE, check=False)
            self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        answer = self.system.cli("submit", "math.double", "[1]", "--wait")
        self.assertEqual(answer.stdout, "[2]\n")

    def test_a_file_that_is_not_there(self):
        self.refused(1, ["/nonexistent.jpg"], "submit", "image.resize", "--file",
                     "/nonexistent.jpg", "--wait")


if __name__ == "__main__":
    system.main()
