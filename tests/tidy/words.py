"""Names and words that the house does without."""

import io
import re
import tokenize

import cpp_text
from source_tree import Violation, line_of

# They say nothing about what is inside.
EMPTY_NAMES = {"util", "utils", "utility", "helper", "helpers", "misc", "manager", "managers"}

# Spelled in halves, so that this file keeps its own rule.
MARKERS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")

SLEEPS = re.compile(
    r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|asyncio\.sleep"
    r"|sleep(?=\(\s*[\w.]+\s*\)))\s*\("  # with two arguments it is the handler of that name
)
# Clients, not tests: before they connect again they wait.
CLIENTS = ("tests/integration/python/penstock_client.py",)
SHELL_SLEEPS = re.compile(r"(?:^|[;&|(]|\b(?:do|then|else))\s*(sleep)\s", re.MULTILINE)


def check_names(tree):
    """A file or folder is named for what it holds."""
    for path in tree.paths:
        words = set(re.split(r"[/_.\-]", path.lower()))
        for word in sorted(words & EMPTY_NAMES):
            yield Violation(path, 1, f"the name says '{word}'; name it for what it holds")


def check_markers(tree):
    """What is left to do is in the issues, not in the text. Quoted in `code` it may be named."""
    for path in tree.texts:
        text = tree.read(path)
        if path.endswith(".md"):
            text = re.sub(r"`[^`\n]*`", lambda m: " " * len(m[0]), text)
        for match in MARKERS.finditer(text):
            message = f"{match[1]}: finish it or open an issue"
            yield Violation(path, line_of(text, match.start()), message)


def _python_code(text):
    """The text with strings and comments blanked."""
    lines = text.splitlines(keepends=True)
    quoted = (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in quoted:
            continue
        (first, start), (last, end) = token.start, token.end
        for row in range(first - 1, last):
            left = start if row == first - 1 else 0
            right = end if row == last - 1 else len(lines[row].rstrip("\n"))
            lines[row] = lines[row][:left] + " " * (right - left) + lines[row][right:]
    return "".join(lines)


def check_sleeps(tree):
    """A test waits for the thing itself, with a deadline; it never hopes that a while will do."""
    readers = (
        (tree.cpp, cpp_text.without_comments_and_strings, SLEEPS),
        (tree.python, _python_code, SLEEPS),
        (tree.shell, lambda text: re.sub(r"#[^\n]*", "", text), SHELL_SLEEPS),
    )
    for paths, read_code, pattern in readers:
        for path in paths:
            if not path.startswith("tests/") or path in CLIENTS:
                continue
            code = read_code(tree.read(path))
            for match in pattern.finditer(code):
                message = f"{match[1]} in a test: wait for the event, with a deadline"
                yield Violation(path, line_of(code, match.start(1)), message)
