"""What a person at a terminal sees: colours and a moving bar there, neither of them elsewhere."""

import os
import pty
import subprocess
import unittest

import system

ESCAPE = "\x1b["


class Terminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = cls.enterClassContext(system.System(processes=1))

    def seen(self, *arguments, **environment):
        """What `penstock ARGUMENTS` writes to a terminal that is its stdout and stderr."""
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            process = subprocess.Popen([system.BIN / "penstock", *arguments], stdout=theirs,
                                       stderr=theirs, stdin=subprocess.DEVNULL,
                                       env={**self.system.environment, **environment})
            os.close(theirs)
            self.addCleanup(system.end_process, process)
            text = b""
            try:
                while piece := terminal.read(4096):
                    text += piece
            except OSError:  # how a terminal says that nobody writes to it any more
                pass
            process.wait(30 * system.PATIENCE)
        return text.decode()

    def test_colours_are_for_terminals_and_for_those_who_want_them(self):
        self.assertIn(ESCAPE, self.seen("queue", "ls"))
        self.assertNotIn(ESCAPE, self.seen("queue", "ls", "--no-color"))
        self.assertNotIn(ESCAPE, self.seen("queue", "ls", NO_COLOR="1"))
        self.assertIn(ESCAPE, self.seen("task", "get", "x"))
        self.assertNotIn(ESCAPE, self.seen("task", "get", "x", "--no-color"))
        self.assertNotIn(ESCAPE, self.system.cli("queue", "ls").stdout)

    def test_a_map_shows_how_far_it_is(self):
        bar = self.seen("map", "math.square", "[1,2,3]", "--reduce", "sum")
        self.assertIn("\r\x1b[K", bar)
        self.assertIn("3/3", bar)

    def test_a_map_never_erases_what_it_has_printed(self):
        for flags, lines in ((["--reduce", "concat"], ["[1,4,9]"]), (["--each"], ["1", "4", "9"]),
                             (["--lines"], ["[1,4,9]"])):
            with self.subTest(flags):
                elements = "1\n2\n3" if flags == ["--lines"] else "[1,2,3]"
                source = self.system.folder / "elements"
                source.write_text(elements, encoding="utf-8")
                text = self.seen("map", "math.square", "--from", str(source), *flags)
                shown = [line.rpartition("\r\x1b[K")[2] for line in text.split("\r\n")]
                self.assertEqual(shown[:len(lines)], lines)
                self.assertRegex(shown[len(lines)], "^\\[#+\\] 3/3")


if __name__ == "__main__":
    system.main()
