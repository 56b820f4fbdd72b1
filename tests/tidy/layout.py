"""Every folder is introduced somewhere, and every link leads somewhere."""

import posixpath
import re

from source_tree import Violation, line_of

_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


def _blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def _prose(text):
    """Markdown without its code, offsets unchanged."""
    return _CODE.sub(_blank, _FENCE.sub(_blank, text))


# Below these, each folder tests the folder of the same path.
MIRRORS = ("tests/unit/",)


def check_folders(tree):
    """Each folder has a README.md, or a line in the table of the nearest one above it."""
    for folder in tree.folders():
        if folder.startswith((".", *MIRRORS)) or tree.exists(f"{folder}/README.md"):
            continue
        readme = _nearest_readme(tree, folder)
        name = posixpath.relpath(folder, posixpath.dirname(readme) or ".")
        if not tree.exists(readme) or name not in _names(tree.read(readme)):
            message = f"has no README.md, and {readme} has no line for '{name}/' in its table"
            yield Violation(folder, 1, message)


def _nearest_readme(tree, folder):
    """The README.md above the folder; at the root, whether it is there or not."""
    while folder:
        folder = posixpath.dirname(folder)
        readme = posixpath.join(folder, "README.md")
        if tree.exists(readme):
            break
    return readme


def _names(readme):
    """The folders that the tables of the README have lines for."""
    first_cells = re.findall(r"^\|([^|\n]*)\|", readme, re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", cell).strip() for cell in first_cells)
    return {cell.rstrip("/") for cell in plain}


def check_links(tree):
    """Links inside the repository lead to files and headings that exist."""
    for path in tree.with_suffix(".md"):
        prose = _prose(tree.read(path))
        for match in _LINK.finditer(prose):
            message = _check_link(tree, path, match[1])
            if message:
                yield Violation(path, line_of(prose, match.start(1)), message)


def _check_link(tree, path, target):
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None
    file, _, anchor = target.partition("#")
    if file.startswith("/"):
        return f"link '{target}' starts at the disk's root; write it from this file"
    resolved = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    if not tree.exists(resolved):
        return f"link '{target}' leads to no file"
    if anchor and resolved.endswith(".md") and anchor not in _anchors(tree.read(resolved)):
        return f"link '{target}' leads to no heading of {resolved}"
    return None


def _anchors(text):
    """The names that GitHub gives to headings."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        anchor, count = name, 0
        while anchor in found:
            count += 1
            anchor = f"{name}-{count}"
        found.add(anchor)
    return found
