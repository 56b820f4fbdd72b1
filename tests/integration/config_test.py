"""Where a command's broker comes from, and what `penstock config show` says of every setting."""

import json
import os
import subprocess
import tempfile
import pathlib
import tomllib
import unittest

import system


class Configuration(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="penstock-test-"))
        self.folder = pathlib.Path(folder)
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("PENSTOCK_")}
        self.environment = dict(kept, XDG_CONFIG_HOME=folder)

    def cli(self, *arguments, code=0, **environment):
        answer = subprocess.run([system.BIN / "penstock", *map(str, arguments)],
                                env=dict(self.environment, **environment), capture_output=True,
                                text=True, timeout=60, check=False)
        self.assertEqual(answer.returncode, code, answer.stderr)
        return answer

    def origins(self, *arguments, **environment):
        """(section, key) -> (value, origin, source)"""
        rows = json.loads(self.cli("config", "show", "--json", *arguments, **environment).stdout)
        return {(row["section"], row["key"]): (row["value"], row["origin"], row["source"])
                for row in rows}

    def test_each_value_names_its_origin(self):
        config = self.folder / "penstock.toml"
        config.write_text('server = "tcp://127.0.0.1:1"\ntimeout = "3s"\n'
                          '[broker]\nheartbeat = "2s"\nliveness = "9s"\n'
                          '[worker]\nprocesses = "3"\nlabel = ["zone=b", "disk=fast"]\n',
                          encoding="utf-8")
        found = self.origins("--config", config, "-q", PENSTOCK_BROKER_HEARTBEAT="3s",
                             PENSTOCK_SERVER="tcp://127.0.0.1:2")
        self.assertEqual(found["", "server"],
                         ("tcp://127.0.0.1:2", "environment", "PENSTOCK_SERVER"))
        self.assertEqual(found["", "timeout"], ("3s", "file", str(config)))
        self.assertEqual(found["", "quiet"], (True, "flag", "--quiet"))
        self.assertEqual(found["broker", "heartbeat"],
                         ("3s", "environment", "PENSTOCK_BROKER_HEARTBEAT"))
        self.assertEqual(found["broker", "liveness"], ("9s", "file", str(config)))
        self.assertEqual(found["broker", "frontend"], (["tcp://127.0.0.1:5750"], "default", ""))
        self.assertEqual(found["worker", "label"], (["zone=b", "disk=fast"], "file", str(config)))
        self.assertEqual(found["worker", "threads"], ("auto", "default", ""))
        table = self.cli("config", "show", "--origin", PENSTOCK_CONFIG=str(config)).stdout
        self.assertRegex(table, rf"(?m)^worker\.processes +3 +file {config}$")

    def test_what_it_prints_is_a_file_that_says_the_same(self):
        config = self.folder / "penstock.toml"
        shown = self.cli("config", "show", PENSTOCK_WORKER_LABEL="zone=b",
                         PENSTOCK_BROKER_HEARTBEAT="3s").stdout
        self.assertEqual(tomllib.loads(shown)["worker"]["label"], ["zone=b"])
        config.write_text(shown, encoding="utf-8")
        self.assertEqual(self.cli("config", "show", "--config", config).stdout, shown)

    def test_a_variable_with_lines_is_a_list_in_the_file(self):
        config = self.folder / "penstock.toml"
        commands = 'a=["/bin/echo","it"]\nb=["/bin/ls"]'
        shown = self.cli("config", "show", "--section", "worker", PENSTOCK_WORKER_EXEC=commands)
        config.write_text(shown.stdout, encoding="utf-8")
        self.assertEqual(self.origins("--config", config)["worker", "exec"],
                         (commands.split("\n"), "file", str(config)))

    def test_a_context_that_is_not_there_is_no_origin(self):
        self.cli("config", "show", "--context", "nowhere", code=3)

    def test_one_section_is_shown_alone(self):
        self.assertEqual({section for section, _ in self.origins("--section", "worker")},
                         {"worker"})
        self.assertIn("there is no 'wheel'",
                      self.cli("config", "show", "--section", "wheel", code=2).stderr)

    def test_a_setting_that_its_program_refuses_is_told(self):
        answer = self.cli("config", "show", PENSTOCK_BROKER_HEARTBEAT="soon", code=2)
        self.assertIn("penstock-broker: --heartbeat", answer.stderr)
        self.assertEqual(answer.stdout, "")

    def test_a_saved_context_says_where_the_broker_is(self):
        with system.System(processes=1) as running:
            self.cli("context", "add", "here", running.frontend, "--use")
            self.assertEqual(self.cli("submit", "math.sum", "[1,2]", "--wait").stdout, "3\n")
            self.assertEqual(self.origins("--section", "penstock")["", "server"],
                             (running.frontend, "context", "here"))
            self.cli("context", "add", "nowhere", "ipc:///nonexistent/penstock.sock")
            self.cli("--context", "nowhere", "--timeout", "100ms", "queue", "ls", code=7)
            self.cli("queue", "ls", PENSTOCK_CONTEXT="here")
            self.cli("context", "use", "nowhere")
            self.cli("queue", "ls", "-s", running.frontend)
        rows = json.loads(self.cli("context", "ls", "--json").stdout)
        self.assertEqual([(row["name"], row["current"]) for row in rows],
                         [("here", False), ("nowhere", True)])
        self.cli("context", "rm", "nowhere")
        self.cli("context", "rm", "nowhere", code=3)
        self.assertEqual(self.origins("--section", "penstock")["", "server"][1], "default")

    def test_a_socket_named_by_a_relative_path_is_saved_with_its_whole_path(self):
        self.cli("context", "add", "beside", "ipc://folder/socket")
        row, = json.loads(self.cli("context", "ls", "--json").stdout)
        self.assertRegex(row["server"], r"\Aipc:///.+/folder/socket\Z")

    def test_a_variable_that_wins_over_the_chosen_context_is_told(self):
        self.cli("context", "add", "far", "tcp://127.0.0.1:1")
        said = self.cli("context", "use", "far", PENSTOCK_CONTEXT="other").stderr
        self.assertIn("PENSTOCK_CONTEXT is set here and wins: other", said)
        said = self.cli("context", "use", "--none", PENSTOCK_SERVER="tcp://127.0.0.1:2").stderr
        self.assertIn("PENSTOCK_SERVER is set here and wins: tcp://127.0.0.1:2", said)
        self.assertNotIn("wins", self.cli("context", "use", "far").stderr)

    def test_what_contradicts_itself_or_is_not_there_is_refused(self):
        self.cli("context", "add", "here", "tcp://127.0.0.1:1")
        self.cli("context", "add", "here", "tcp://127.0.0.1:2", code=4)
        self.cli("context", "add", "here", "tcp://127.0.0.1:2", "--replace")
        self.cli("context", "add", "two words", "tcp://127.0.0.1:1", code=2)
        self.cli("context", "add", "bad", "127.0.0.1", code=2)
        self.cli("context", "use", code=2)
        self.cli("context", "use", "here", "--none", code=2)
        self.cli("--context", "elsewhere", "queue", "ls", code=3)
        self.cli("--context", "here", "-s", "tcp://127.0.0.1:1", "queue", "ls", code=2)
        self.cli("--context", "here", "up", code=2)

    def test_a_broken_file_of_contexts_hinders_only_what_needs_it(self):
        path = self.folder / "penstock" / "contexts.json"
        path.parent.mkdir()
        path.write_text("{", encoding="utf-8")
        self.assertIn(str(path), self.cli("queue", "ls", code=1).stderr)
        self.cli("version")
        self.cli("-s", "ipc:///nonexistent", "--timeout", "100ms", "queue", "ls", code=7)


if __name__ == "__main__":
    system.main()
