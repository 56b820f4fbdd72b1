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


def check_folders(tree):
    """The folders of the first two levels have a README.md or a line in their parent's."""
    for folder in tree.folders():
        parts = folder.split("/")
        if len(parts) > 2 or parts[0].startswith("."):
            continue
        parent_readme = posixpath.join(*parts[:-1], "README.md")
        if tree.exists(f"{folder}/README.md"):
            continue
        if tree.exists(parent_readme) and _names(tree.read(parent_readme), parts[-1]):
            continue
        message = f"has no README.md, and {parent_readme} has no line for it in its table"
        yield Violation(folder, 1, message)


def _names(readme, folder):
    """Whether a table of the README has a line for the folder."""
    first_cells = re.findall(r"^\|([^|\n]*)\|", readme, re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", cell).strip() for cell in first_cells)
    return any(cell.rstrip("/") == folder for cell in plain)


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
