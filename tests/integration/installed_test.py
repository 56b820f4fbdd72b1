"""Others build against an installed Penstock, whether by CMake or from the Debian packages: the
examples, outside the tree, with find_package."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import system

BUILD = pathlib.Path(os.environ.get("PENSTOCK_BUILD", system.BIN.parent))
CMAKE = os.environ.get("CMAKE_COMMAND", "cmake")
CPACK = str(pathlib.Path(CMAKE).with_name("cpack"))


def run(*command):
    answer = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise AssertionError(f"{command}: {answer.stdout}{answer.stderr}")


class InstalledByCMake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="penstock-installed-")
        cls.addClassCleanup(cls._folder.cleanup)
        cls.folder = pathlib.Path(cls._folder.name)
        cls.prefix, cls.examples = cls.folder / "usr", cls.folder / "examples"
        cls.install()
        run(CMAKE, "-G", "Ninja", "-S", system.SOURCE / "examples", "-B", cls.examples,
            f"-DCMAKE_PREFIX_PATH={cls.prefix}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
        run(CMAKE, "--build", cls.examples)

    @classmethod
    def install(cls):
        run(CMAKE, "--install", BUILD, "--prefix", cls.prefix)

    def setUp(self):
        self.system = self.enterContext(system.System(processes=2))

    def answer_of(self, example, *arguments):
        answer = subprocess.run([self.examples / example, *arguments], capture_output=True,
                                text=True, env=self.system.environment,
                                timeout=60 * system.PATIENCE, check=False)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        return answer.stdout

    def test_a_worker_with_a_handler_of_its_own_serves_it_and_drains(self):
        worker = self.system.start_worker(processes=1, program=self.examples / "shout_worker")
        rows = self.system.wait_for_workers(3)
        self.assertEqual(sorted(row["types"] == ["text.shout"] for row in rows),
                         [False, False, True])
        self.assertEqual(self.answer_of("shout", "hello"), "HELLO!\n")
        system.end_process(worker)
        self.assertEqual(worker.returncode, 0)

    def test_an_error_of_the_handler_reaches_the_caller(self):
        self.system.start_worker(processes=1, program=self.examples / "shout_worker")
        self.system.wait_for_workers(3)
        answer = self.system.cli("submit", "text.shout", "7", "--wait")
        self.assertEqual(answer.returncode, 9)
        self.assertIn("text.shout takes a text", answer.stderr)

    def test_the_jobs_of_the_recipe(self):
        self.assertEqual(self.answer_of("double"), "[2,4,6]\n")
        self.assertRegex(self.answer_of("square"),
                         r"\A\[1,4,9,16,25\]\nby thread \d+ of process \d+\n\Z")
        self.assertRegex(self.answer_of("spread"),
                         r"\A1000 squares, the last is 1000000, by [12] processes\n\Z")

    def test_every_installed_program_has_a_manual_page(self):
        programs = {program.name for program in (self.prefix / "bin").iterdir()}
        pages = {page.stem for page in (self.prefix / "share/man/man1").iterdir()}
        self.assertEqual(pages, programs)

    def test_the_installed_programs_find_each_other(self):
        up = self.system.spawn(self.prefix / "bin/penstock", "up", "--data",
                               self.system.folder / "up", "--processes", "1",
                               "--frontend", f"ipc://{self.system.folder}/f", "--backend",
                               f"ipc://{self.system.folder}/b", "--metrics", "off",
                               "--listen", "http://127.0.0.1:0")
        self.addCleanup(system.end_process, up)
        self.system.environment["PENSTOCK_SERVER"] = f"ipc://{self.system.folder}/f"
        system.until(lambda: self.system.cli("submit", "math.double", "[4]", "--wait").stdout ==
                     "[8]\n", what="an answer of the installed programs")


class InstalledFromPackages(InstalledByCMake):
    """The same from what `cpack -G DEB` makes, unpacked and not installed: no rights needed."""

    @classmethod
    def install(cls):
        run(CPACK, "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", cls.folder / "debs")
        cls.packages = {path.name.split("_")[0]: path
                        for path in (cls.folder / "debs").glob("*.deb")}
        for path in cls.packages.values():
            run("dpkg-deb", "--extract", path, cls.folder)

    def test_each_package_holds_its_part_and_names_what_it_needs(self):
        self.assertEqual(sorted(self.packages), ["libpenstock-dev", "libpenstock0.1", "penstock"])
        for package, needed in (("penstock", "libzmq5"), ("penstock", "libvips"),
                                ("penstock", "libjemalloc2"),
                                ("libpenstock0.1", "libzmq5"),
                                ("libpenstock-dev", "libpenstock0.1 (=")):
            depends = subprocess.run(["dpkg-deb", "--field", self.packages[package], "Depends"],
                                     capture_output=True, text=True, check=True).stdout
            self.assertIn(needed, depends, package)

    def test_the_service_units_come_along(self):
        units = {path.name for path in self.folder.glob("**/systemd/system/*.service")}
        self.assertEqual(units, {"penstock-broker.service", "penstock-gateway.service",
                                 "penstock-worker.service"})


if __name__ == "__main__":
    system.main()
