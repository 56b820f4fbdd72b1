"""The files of a checkout, and what a rule says when it is broken."""

import dataclasses
import functools
import pathlib

CPP = (".cpp", ".hpp")


@dataclasses.dataclass(frozen=True, order=True)
class Violation:
    """One broken rule: where, and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class SourceTree:
    """Reads a checkout. Paths are relative to its root, with forward slashes."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    @functools.cached_property
    def paths(self):
        """Every file that belongs to the project, sorted."""
        found = []
        ignored = self._ignored_folders()
        pending = [self.root]
        while pending:
            for entry in pending.pop().iterdir():
                path = entry.relative_to(self.root).as_posix()
                if entry.is_file():
                    found.append(path)
                elif entry.is_dir() and entry.name not in (".git", "__pycache__"):
                    if path not in ignored:
                        pending.append(entry)
        return sorted(found)

    def _ignored_folders(self):
        """The folders that .gitignore names from the root: what builds and runs leave behind."""
        file = self.root / ".gitignore"
        lines = file.read_text().splitlines() if file.exists() else []
        return {line.strip("/") for line in lines if line.startswith("/")}

    def folders(self):
        """Every folder that holds a file, directly or deeper, sorted."""
        parents = {parent for path in self.paths for parent in pathlib.PurePosixPath(path).parents}
        return sorted(str(parent) for parent in parents if str(parent) != ".")

    def exists(self, path):
        return (self.root / path).exists()

    @functools.cache
    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def with_suffix(self, *suffixes):
        return [path for path in self.paths if path.endswith(suffixes)]

    @functools.cached_property
    def cpp(self):
        return self.with_suffix(*CPP)

    @functools.cached_property
    def python(self):
        return self.with_suffix(".py")

    @functools.cached_property
    def shell(self):
        """Scripts have no suffix: the first line tells."""
        names = [(path, path.rsplit("/", 1)[-1]) for path in self.paths]
        candidates = [path for path, name in names if name.endswith(".sh") or "." not in name]
        return [p for p in candidates if self.read(p).startswith(("#!/bin/bash", "#!/bin/sh"))]

    @functools.cached_property
    def texts(self):
        """Every file that is text."""
        binary = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bin")
        return [path for path in self.paths if not path.lower().endswith(binary)]


def line_of(text, offset):
    """The number of the line in which `offset` lies; the first is 1."""
    return text.count("\n", 0, offset) + 1
