"""Does what worker/handlers/README.md tells to do when a handler is added, to a copy.

Usage: follow_readme.py README CATALOG FOLDER

Writes the README's handler, its test, and the catalog with its line into FOLDER.
"""

import pathlib
import re
import sys

STEPS = ("The file", "The line", "The test")


def code_of(readme, step):
    """The first block of C++ after the step's bold title."""
    after = readme.split(f"{step}**", 1)[1]
    return re.search(r"^```cpp\n(.*?)^```$", after, re.MULTILINE | re.DOTALL)[1]


def main(readme, catalog, folder):
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    handler, line, test = (code_of(text, step) for step in STEPS)
    folder = pathlib.Path(folder)
    (folder / "worker/handlers").mkdir(parents=True, exist_ok=True)
    (folder / "handler.cpp").write_text(handler)
    (folder / "test.cpp").write_text(test)
    lines = pathlib.Path(catalog).read_text(encoding="utf-8") + line
    (folder / "worker/handlers/catalog.inc").write_text(lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
