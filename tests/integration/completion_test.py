"""The completion scripts are what their shells understand, and offer what the parser knows."""

import os
import shutil
import subprocess
import tempfile
import unittest

import completing_shells
import system
from completing_shells import script

SERVER = "tcp://127.0.0.1:5750"
STATES = ["active", "blocked", "cancelled", "completed", "dead", "expired", "queued", "retrying",
          "scheduled"]


def completed(*words):
    """What bash offers for the last word."""
    source = script("bash") + f"""
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
        COMP_CWORD={len(words) - 1}
        _penstock
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    answer = subprocess.run(["/bin/bash", "-c", source], capture_output=True, text=True,
                            check=True)
    assert not answer.stderr, answer.stderr
    return answer.stdout.split()


class Completion(unittest.TestCase):
    def test_the_scripts_are_of_their_shells(self):
        for shell, check in (("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")):
            with self.subTest(shell):
                text = script(shell)
                self.assertIn("--durability" if shell != "fish" else "-l durability", text)
                if shutil.which(shell):
                    answer = subprocess.run([shell, check], input=text, capture_output=True,
                                            text=True, check=False)
                    self.assertEqual((answer.returncode, answer.stderr), (0, ""))

    def test_commands_and_their_verbs_are_offered(self):
        self.assertEqual(completed("penstock", "sub"), ["submit"])
        self.assertEqual(completed("penstock", "task", "re"), ["result"])
        self.assertEqual(completed("penstock", "completion", ""), ["bash", "zsh", "fish"])

    def test_options_are_offered_also_behind_an_alias_and_a_value(self):
        self.assertIn("--from-jsonl", completed("penstock", "submit", "--"))
        self.assertIn("--from-jsonl", completed("penstock", "enqueue", "--from"))
        self.assertIn("--server", completed("penstock", "--json", "task", "ls", "--"))
        self.assertNotIn("--from-jsonl", completed("penstock", "task", "ls", "--"))

    def test_what_a_command_has_in_common_with_the_program_is_offered_once(self):
        offered = completed("penstock", "task", "ls", "-")
        self.assertEqual(len(offered), len(set(offered)))
        self.assertEqual(offered.count("--help"), 1)

    def test_choices_are_offered_behind_their_option(self):
        self.assertEqual(completed("penstock", "map", "math.square", "--reduce", "co"), ["concat"])
        self.assertEqual(completed("penstock", "submit", "--durability", ""),
                         ["memory", "disk", "replicated"])
        self.assertEqual(completed("penstock", "submit", "--file", ""), [])

    def test_no_other_shell_is_made_up(self):
        answer = subprocess.run([system.BIN / "penstock", "completion", "csh"],
                                capture_output=True, text=True, check=False)
        self.assertEqual((answer.returncode, answer.stdout), (2, ""))


class RealShells(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="penstock-test-"))
        environment = {"XDG_CONFIG_HOME": folder}
        for name in ("home", "production"):
            subprocess.run([system.BIN / "penstock", "context", "add", name, SERVER, "--quiet"],
                           env={**os.environ, **environment}, check=True)
        cls.shells = [(name, cls.enterClassContext(completing_shells.start(name, environment)))
                      for name in completing_shells.NAMES]

    def check(self, is_right, *lines):
        """Calls `is_right` with what each shell offers for the last word of each line."""
        for name, shell in self.shells:
            for line in lines:
                with self.subTest(shell=name, line=line):
                    is_right(shell.offered(line))

    def assert_offered(self, line, words):
        self.check(lambda offered: self.assertEqual(offered, words), line)

    def test_commands_come_without_options(self):
        def are_commands(offered):
            self.assertIn("task", offered)
            self.assertEqual([word for word in offered if word.startswith("-")], [])

        self.check(are_commands, "penstock ")
        self.assert_offered("penstock task ", ["add", "cancel", "get", "ls", "result"])

    def test_options_come_for_a_dash_and_each_once(self):
        def are_options(offered):
            for option in ("--help", "-h", "--server", "-s", "--version"):
                self.assertEqual(offered.count(option), 1, option)
            self.assertEqual([word for word in offered if not word.startswith("-")], [])

        self.check(are_options, "penstock -", "penstock task ls -", "penstock version -")

    def test_what_the_parser_checks_is_offered(self):
        fits = ["contain", "cover", "fill", "inside", "outside"]
        self.assert_offered("penstock image resize --fit ", fits)
        self.assert_offered("penstock image resize --fit=", fits)
        self.assert_offered("penstock image resize --fit=in", ["inside"])
        self.assert_offered("penstock image resize --format ", ["jpeg", "png", "webp"])
        self.assert_offered("penstock task ls --state ", STATES)
        self.assert_offered("penstock task ls --state=d", ["dead"])
        self.assert_offered("penstock map math.square --reduce ", ["concat", "mean", "sum"])

    def test_the_value_of_an_option_is_no_command(self):
        self.assert_offered("penstock --context task queue ", ["ls"])
        self.assert_offered("penstock --context home queue ", ["ls"])
        self.assert_offered("penstock submit math.double --context home ", ["a-file"])
        self.assert_offered("penstock -s tcp://10.0.0.5:5750 queue ", ["ls"])
        self.assert_offered("penstock --server=tcp://10.0.0.5:5750 --json queue ", ["ls"])
        self.assert_offered("penstock --timeout 5s context ", ["add", "ls", "rm", "use"])

    def test_saved_contexts_are_offered(self):
        for place in ("--context ", "--context=", "context use ", "context rm ",
                      "task ls --context "):
            self.assert_offered("penstock " + place, ["home", "production"])
        self.assert_offered("penstock context rm p", ["production"])

    def test_files_are_offered_where_nothing_is_known(self):
        for place in ("submit --file ", "submit --file=a", "image resize "):
            self.assert_offered("penstock " + place, ["a-file"])


class BrokenContexts(unittest.TestCase):
    def test_contexts_that_cannot_be_read_are_none(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="penstock-test-"))
        os.mkdir(f"{folder}/penstock")
        with open(f"{folder}/penstock/contexts.json", "w", encoding="utf-8") as file:
            file.write("no JSON")
        for name in completing_shells.NAMES:
            with self.subTest(name), \
                    completing_shells.start(name, {"XDG_CONFIG_HOME": folder}) as shell:
                self.assertEqual(shell.offered("penstock --context "), [])
                self.assertEqual(shell.offered("penstock task l"), ["ls"])


class Parser(unittest.TestCase):
    def penstock(self, *words):
        return subprocess.run([system.BIN / "penstock", *words], capture_output=True, text=True,
                              check=False)

    def test_a_state_that_there_is_not_is_refused_with_those_that_there_are(self):
        answer = self.penstock("task", "ls", "--state", "running")
        self.assertEqual((answer.returncode, answer.stdout), (2, ""))
        for state in STATES:
            self.assertIn(state, answer.stderr)


if __name__ == "__main__":
    system.main()
