"""Reads C++ well enough to measure it: what is code, and where functions begin and end.

Written for code that clang-format has laid out and a compiler has accepted; not a parser.
"""

import dataclasses
import re

_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<raw>     (?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
    | (?P<string>  "(?:\\.|[^"\\\n])*" )
    | (?P<word>    [A-Za-z_]\w* )
    | (?P<number>  \d(?:'?[\w.])* )
    | (?P<char>    '(?:\\.|[^'\\\n])+' )
    """,
    re.DOTALL | re.VERBOSE,
)


def _blank(text):
    """Spaces of the same shape, so that offsets and lines stay what they were."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return _TOKEN.sub(lambda m: _blank(m[0]) if m["comment"] else m[0], text)


def without_comments_and_strings(text):
    def replace(match):
        if match["comment"]:
            return _blank(match[0])
        if match["raw"] or match["string"] or match["char"]:
            return match[0][0] + _blank(match[0][1:-1]) + match[0][-1]
        return match[0]

    return _TOKEN.sub(replace, text)


def _without_directives(code):
    """Blanks preprocessor lines with their continuations: macros may hold half a brace pair."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: _blank(m[0]), code, flags=re.M)


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    first_line: int
    lines: int


_SCOPE = re.compile(
    r"\s*(?:inline\s+)?(?:namespace|class|struct|union|enum)\b|\s*extern\s*\"[^(]*$"
)
_ACCESS = re.compile(r"\s*(?:public|protected|private)\s*:(?!:)")
_OPERATOR = re.compile(r"\boperator\s*(?:\(\s*\)|\[\s*\]|[^\s\w(\[]+)")
_INITIALIZER_LIST = re.compile(r"\)[^:]*(?<!:):(?!:)")
_COMPARISON = re.compile(r"<=>|[<>=!]=|->")  # is neither an assignment nor a bracket
_LAMBDA = re.compile(r"=\s*\[\]")
_NAME = re.compile(r"(~?\w[\w:]*)\s*\(")
_STOPS = re.compile(r"[;{}(]")


def functions(text):
    """The functions that lie in namespaces and classes, and lambdas that are given a name there."""
    code = _without_directives(without_comments_and_strings(text))
    found = []
    head_start = 0  # where the declaration begins to which the next brace may belong
    position = 0
    while (match := _STOPS.search(code, position)) is not None:
        at, position = match.start(), match.end()
        if match[0] == "(":
            position = _matching(code, at)
            continue
        if match[0] == "{":
            kind = _kind_of_brace(code[head_start:at])
            if kind != "scope":
                position = _matching(code, at)
            if kind == "initializer":
                continue
            if kind == "function":
                found.append(_measured(code, head_start, at, position))
        head_start = position
    return found


def _kind_of_brace(head):
    """What the brace after `head` opens: a "scope", a "function" or an "initializer"."""
    flat = _without_nested(_OPERATOR.sub("operator_", _without_access(head)))
    flat = _without_template(_COMPARISON.sub(" ", flat))
    if _SCOPE.match(flat):
        return "scope"
    if "=" in flat:
        return "function" if _LAMBDA.search(flat) else "initializer"
    if "(" not in flat:
        return "initializer"
    # In a constructor's list of initializers, `member{` goes on and `) {` or `} {` is the body.
    if _INITIALIZER_LIST.search(flat) and re.search(r"[\w>]\s*$", flat):
        return "initializer"
    return "function"


def _without_access(head):
    while match := _ACCESS.match(head):
        head = _blank(match[0]) + head[match.end() :]
    return head


def _without_template(head):
    """Drops `template <...>`, whose inside looks like anything."""
    match = re.match(r"\s*template\s*<", head)
    if match is None:
        return head
    depth = 1
    at = match.end()
    while depth > 0 and at < len(head):
        depth += {"<": 1, ">": -1}.get(head[at], 0)
        at += 1
    return _without_template(head[at:])


def _without_nested(head):
    """Leaves out what is inside brackets."""
    depth = 0
    kept = []
    for character in head:
        if character in ")]}":
            depth -= 1
        if depth == 0:
            kept.append(character)
        if character in "([{":
            depth += 1
    return "".join(kept)


def _matching(code, opening):
    """The offset just after the bracket that closes the one at `opening`."""
    pair = {"(": "[()]", "{": "[{}]"}[code[opening]]
    depth = 0
    for match in re.compile(pair).finditer(code, opening):
        depth += 1 if match[0] == code[opening] else -1
        if depth == 0:
            return match.end()
    return len(code)


def _measured(code, head_start, brace, end):
    head = _without_access(code[head_start:brace])
    start = head_start + len(head) - len(head.lstrip())
    first_line = code.count("\n", 0, start) + 1
    last_line = code.count("\n", 0, end - 1) + 1
    name = _NAME.search(head)
    return Function(name[1] if name else "lambda", first_line, last_line - first_line + 1)
