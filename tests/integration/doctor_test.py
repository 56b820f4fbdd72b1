"""`penstock doctor` on a disk, in memory, with and without a broker."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import system


def is_memory(folder):
    answer = subprocess.run(["stat", "--file-system", "--format", "%T", folder],
                            capture_output=True, text=True, check=True)
    return answer.stdout.strip() in ("tmpfs", "ramfs")


class Doctor(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="penstock-test-"))
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("PENSTOCK_") and name != "KUBERNETES_SERVICE_HOST"}
        self.environment = dict(kept, XDG_CONFIG_HOME=self.folder)

    def doctor(self, *arguments, **environment):
        answer = subprocess.run([system.BIN / "penstock", "doctor", *map(str, arguments)],
                                env=dict(self.environment, **environment), capture_output=True,
                                text=True, timeout=60 * system.PATIENCE, check=False)
        return answer.returncode, answer.stdout, answer.stderr

    def findings(self, *arguments, **environment):
        code, output, errors = self.doctor(*arguments, "--json", **environment)
        findings = {row["check"]: row for row in json.loads(output)}
        has_failure = any(row["verdict"] == "fail" for row in findings.values())
        self.assertEqual(code, 1 if has_failure else 0, errors)
        return findings

    def test_every_check_has_a_verdict_and_what_is_wrong_an_advice(self):
        findings = self.findings("--data", self.folder)
        for name in ("disk room", "open files", "memory", "shared memory", "time of day",
                     "clock steps", "penstock", "penstock-broker", "stop of penstock-worker"):
            with self.subTest(name):
                self.assertIn(findings[name]["verdict"], ("ok", "skipped", "warn"))
        for row in findings.values():
            if row["verdict"] in ("warn", "fail") and row["check"] != "broker":
                self.assertTrue(row["advice"], row)
        self.assertEqual(findings["broker"]["verdict"], "skipped")
        self.assertEqual(os.listdir(self.folder), [])

    @unittest.skipIf(is_memory(tempfile.gettempdir()), "temporary files are in memory here")
    def test_a_disk_is_measured(self):
        sync = self.findings("--data", self.folder)["disk sync"]
        self.assertRegex(sync["found"], r"p50 \S+ (us|ms), p99 ")

    @unittest.skipUnless(os.access("/dev/shm", os.W_OK) and is_memory("/dev/shm"),
                         "needs a tmpfs at /dev/shm")
    def test_memory_is_no_disk(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="penstock-test-") as memory:
            findings = self.findings("--data", memory)
        self.assertEqual(findings["file system"]["verdict"], "fail")
        self.assertIn("tmpfs", findings["file system"]["found"])
        self.assertEqual(findings["disk sync"]["verdict"], "fail")
        self.assertIn("does not sync", findings["disk sync"]["advice"])

    def test_people_get_a_table_with_advice_below_what_is_wrong(self):
        code, output, errors = self.doctor("--data", "/proc")
        self.assertEqual(code, 1)
        self.assertRegex(output, r"(?m)^VERDICT +CHECK +FOUND$")
        self.assertRegex(output, r"(?m)^fail +disk sync +cannot write in /proc.*\n +-> run this as")
        self.assertIn("checks fail", errors)

    def test_a_running_broker_is_asked_and_one_that_is_named_must_be_there(self):
        with system.System(start_worker=False) as running:
            findings = self.findings("--data", self.folder, "--server", running.frontend)
            self.assertEqual(findings["broker"]["verdict"], "ok")
            self.assertEqual(findings["broker's clock"]["verdict"], "ok")
        findings = self.findings("--data", self.folder, "--server", "ipc:///nowhere/at/all",
                                 "--timeout", "200ms")
        self.assertEqual(findings["broker"]["verdict"], "fail")

    def test_settings_are_those_that_the_broker_would_find(self):
        data = pathlib.Path(self.folder) / "data"
        data.mkdir()
        findings = self.findings(PENSTOCK_BROKER_DATA=str(data),
                                 PENSTOCK_BROKER_BYTES_MAX="900TiB")
        self.assertIn(str(data), findings["file system"]["found"])
        self.assertEqual(findings["memory"]["verdict"], "warn")
        self.assertIn("--bytes-max", findings["memory"]["advice"])


if __name__ == "__main__":
    system.main()
