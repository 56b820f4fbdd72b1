"""The manual pages say all that --help says, and a formatter has nothing to complain about."""

import re
import shutil
import subprocess
import unittest

import program_helps
import system


def page_of(program):
    return subprocess.run([system.BIN / program, "--man"], capture_output=True, text=True,
                          check=True).stdout


def formatted(page):
    """The page as people see it, on lines of 78 columns, and what groff had to say about it."""
    answer = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-P-cbou"], input=page,
                            capture_output=True, text=True, check=True)
    return answer.stdout, answer.stderr


def part_on(page, command):
    """Of a command what stands below its heading, of a program its options."""
    heading = ".SH OPTIONS" if " " not in command else ".SS " + command.replace("-", r"\-")
    # Behind its words a command has its usage, a verb of it another word.
    after = re.split(rf"^{re.escape(heading)}(?: [A-Z\[].*)?$", page, maxsplit=1,
                     flags=re.MULTILINE)[1:]
    return re.split(r"^\.S[HS] ", "".join(after), maxsplit=1, flags=re.MULTILINE)[0]


class ManPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pages = {program: page_of(program) for program in program_helps.PROGRAMS}

    def test_every_option_of_every_help_is_on_the_page(self):
        for command, text in program_helps.of_all_commands():
            part = part_on(self.pages[command.split()[0]], command)
            names = re.findall(r"^  (-[\w,-]+)", text.partition("\nExamples:")[0], re.MULTILINE)
            for name in [name for both in names for name in both.split(",")]:
                # Of the program itself; there it is explained once.
                if " " not in command or name not in ("-h", "--help"):
                    with self.subTest(f"{command} {name}"):
                        self.assertIn(rf"\fB{name}\fR".replace("-", r"\-"), part)

    @unittest.skipUnless(shutil.which("groff"), "needs groff")
    def test_every_page_is_formatted_without_a_warning(self):
        for program, page in self.pages.items():
            with self.subTest(program):
                text, complaints = formatted(page)
                self.assertEqual(complaints, "")
                self.assertIn(program.upper() + "(1)", text)

    @unittest.skipUnless(shutil.which("groff"), "needs groff")
    def test_every_example_comes_out_as_the_help_shows_it(self):
        pages = {program: formatted(page)[0] for program, page in self.pages.items()}
        for command, text in program_helps.of_all_commands():
            for line in program_helps.examples_block(text).splitlines():
                with self.subTest(f"{command}: {line}"):
                    self.assertIn(f" {line}\n", pages[command.split()[0]])

    def test_no_page_names_the_folder_it_was_made_in(self):
        for program, page in self.pages.items():
            with self.subTest(program):
                self.assertNotIn(str(system.SOURCE).replace("-", r"\-"), page)


if __name__ == "__main__":
    system.main()
