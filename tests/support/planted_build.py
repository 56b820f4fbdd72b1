"""Builds a program of a build folder (Ninja) with a planted bug: a patch of its sources.

Only what holds the patched sources is compiled anew, from copies: each by itself or, in a unity
build, the batch that CMake has put it into. The new objects are linked in the places of the old
ones, or before the libraries, which are then not asked for theirs. So a bug costs seconds, and
neither the sources nor the build folder change.
"""

import dataclasses
import functools
import json
import pathlib
import re
import shlex
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CannotBuild(Exception):
    """Why there is no such program, and what to do."""


@dataclasses.dataclass(frozen=True)
class Unit:
    """One run of the compiler: what it makes, as the commands name it, and how."""

    object: str
    file: pathlib.Path
    command: str
    folder: str

    @functools.cached_property
    def sources(self):
        """What is compiled: the file or, where CMake has made that one, what it includes."""
        if self.file.parent.name != "Unity":
            return {self.file}
        included = re.findall(r'^#include "(.+)"$', self.file.read_text(encoding="utf-8"), re.M)
        return {pathlib.Path(path) for path in included}

    def compile_patched(self, patched, folder):
        """Compiles it with copies, {source: copy}, in the place of sources."""
        made = folder / self.object
        made.parent.mkdir(parents=True, exist_ok=True)
        copy = patched.get(self.file)
        if copy is None:
            copy = made.with_suffix("")
            text = self.file.read_text(encoding="utf-8")
            for source, other in patched.items():
                text = text.replace(f'"{source}"', f'"{other}"')
            copy.write_text(text, encoding="utf-8")
        words = shlex.split(self.command)
        words[words.index("-o") + 1] = str(made)
        words = [str(copy) if word == str(self.file) else word for word in words]
        run(words, self.folder, "it must compile, so plant the bug in another way")
        return made


class Program:
    """A target of a build folder, which has been built there."""

    def __init__(self, build, target):
        self.build, self.target = pathlib.Path(build).resolve(), target
        advice = "name a build folder of Ninja that has it, as from: cmake --preset release"
        listing = run(["ninja", "-t", "commands", target], self.build, advice)
        *others, self.link = listing.splitlines()
        self.units = self._units_linked(others)

    def build_with(self, patch, folder):
        """The program with the bug; it and all that is made for it are in `folder`."""
        folder = folder.resolve()
        patched = patched_copies(patch, folder)
        by_unit = {}
        for source, copy in patched.items():
            by_unit.setdefault(self._unit_of(source), {})[source] = copy
        made = {unit.object: str(unit.compile_patched(copies, folder))
                for unit, copies in by_unit.items()}
        return self._linked_with(made, folder / self.target)

    def _units_linked(self, commands):
        """Other targets may hold the same sources, so only those whose objects the link command
        names, itself or by their libraries. In its order: of two the linker takes the first."""
        members = {}
        for command in commands:
            words = shlex.split(command)
            archives = [word for word in words if word.endswith(".a")]
            if archives and "-o" not in words:
                members[archives[0]] = [word for word in words if word.endswith(".o")]
        known = self._known_units()
        named = (name for word in shlex.split(self.link) for name in members.get(word, [word]))
        return [known[name] for name in dict.fromkeys(named) if name in known]

    def _known_units(self):
        path = self.build / "compile_commands.json"
        if not path.exists():
            raise CannotBuild(f"there is no {path}; make it anew: cmake {self.build}")
        units = {}
        for entry in json.loads(path.read_text(encoding="utf-8")):
            words = shlex.split(entry["command"])
            name = words[words.index("-o") + 1]
            units[name] = Unit(name, pathlib.Path(entry["file"]), entry["command"],
                               entry["directory"])
        return units

    def _unit_of(self, source):
        for unit in self.units:
            if source in unit.sources:
                return unit
        raise CannotBuild(f"{self.target} in {self.build} is not made of {source}; plant the bug "
                          "in one of its .cpp files, and take a build folder of this checkout")

    def _linked_with(self, made, program):
        """What the link command names is replaced, lest it be there twice; others come first."""
        words = shlex.split(self.link)
        first = [path for name, path in made.items() if name not in words]
        new = {name: shlex.quote(path) for name, path in made.items()}
        new[words[words.index("-o") + 1]] = shlex.join([str(program), *first])
        link = re.sub(r"\S+", lambda word: new.get(word[0], word[0]), self.link)
        run(link, self.build, f"is it built? cmake --build {self.build} --target {self.target}")
        return program


def patched_copies(patch, folder):
    """Copies what the patch changes, and changes it: {source: copy}."""
    names = re.findall(r"^\+\+\+ b/(\S+)", patch.read_text(encoding="utf-8"), re.M)
    for name in names:
        if not (ROOT / name).exists():
            raise CannotBuild(f"{patch} changes {name}, which is gone; plant it where that went")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    run(["patch", "--strip=1", "--fuzz=2", "--force", "--no-backup-if-mismatch", "--input",
         patch.resolve()],
        folder, f"it fits no more: plant the same bug in today's source, and write {patch} anew")
    return {ROOT / name: folder / name for name in names}


def run(command, folder, advice):
    """What it prints; if it fails, the end of that is in the error, with the advice."""
    try:
        answer = subprocess.run(command, cwd=folder, shell=isinstance(command, str), check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        raise CannotBuild(f"{error}; {advice}") from error
    if answer.returncode:
        words = command if isinstance(command, str) else shlex.join(map(str, command))
        raise CannotBuild(f"{words}:\n{answer.stdout[-4000:]}{advice}")
    return answer.stdout
