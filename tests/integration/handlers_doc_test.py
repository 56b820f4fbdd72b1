"""Every example in docs/HANDLERS.md prints what it says, and every type has one."""

import pathlib
import re
import shutil
import unittest

import shell_examples
import system

PAGE = (system.SOURCE / "docs/HANDLERS.md").read_text(encoding="utf-8")
CATALOG = (system.SOURCE / "worker/handlers/catalog.inc").read_text(encoding="utf-8")


# What exec.run may run in the examples.
COMMANDS = ("--exec", 'upper=["/usr/bin/tr","a-z","A-Z"]',
            "--exec", 'fold=["/usr/bin/fold","--width={width}"]')


def examples():
    """Pairs of a command and the text that it prints, in the order of the page."""
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        yield from shell_examples.read(block)


class HandlersPage(unittest.TestCase):
    def test_every_example_prints_what_the_page_says(self):
        running = self.enterContext(system.System(
            processes=1, test_handlers=False, worker_flags=COMMANDS))
        folder = running.folder / "examples"
        folder.mkdir()
        photo = sorted(pathlib.Path(system.SOURCE / "photos").glob("*.jpg"))[0]
        shutil.copy(photo, folder / "photo.jpg")
        environment = dict(running.environment, PATH=f"{system.BIN}:/usr/bin:/bin")
        for command, expected in examples():
            with self.subTest(command):
                answer = shell_examples.run(command, folder, environment)
                self.assertIsNone(shell_examples.complaint(expected, *answer))

    def test_every_type_has_an_example(self):
        types = re.findall(r'^PENSTOCK_HANDLER\("([^"]+)"', CATALOG, re.MULTILINE)
        self.assertTrue(types)
        shown = " ".join(command for command, _ in examples())
        for name in types:
            if not name.startswith("test."):
                with self.subTest(name):
                    self.assertRegex(shown, rf"\b{re.escape(name)}\b")


if __name__ == "__main__":
    system.main()
