"""The tables of the documents say what the code says."""

import re

import cpp_text
from source_tree import Violation

ERRORS = ("docs/PROTOCOL.md", ("number", "name"), "common/model/error.hpp", "ErrorCode")
MESSAGES = ("docs/PROTOCOL.md", ("kind", "name"), "common/protocol/message.hpp", "Kind")
TESTS = ("docs/TESTING.md", ("rule", "what cannot happen", "test"))
TRANSITIONS = ("docs/LIFECYCLE.md", ("from", "trigger", "to"), "broker/core/task.cpp")

_TRANSITION = re.compile(
    r"\{\s*(?:TaskState::)?(\w+)\s*,\s*Trigger::(\w+)\s*,\s*(?:TaskState::)?(\w+)\s*\}"
)


def _cells(line):
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [cell.strip().strip("`").strip() for cell in cells]


def _document_rows(text, header):
    """{row: line number} of the table whose first columns are `header`; as many cells as that."""
    rows = {}
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.lstrip().startswith("|"):
            inside = False
            continue
        cells = tuple(cell.lower() for cell in _cells(line)[: len(header)])
        if cells == header:
            inside = True
        elif inside and not re.fullmatch(r"[:\- ]+", cells[0]):
            rows[cells] = number
    return rows


def _enumerators(text, name):
    """{(number, name)} of an enum whose numbers are written out."""
    body = re.search(rf"enum class {name}\b[^{{]*{{(.*?)}}", cpp_text.without_comments(text), re.S)
    found = re.findall(r"(\w+)\s*=\s*(\d+)", body[1]) if body else []
    return {(number, enumerator) for enumerator, number in found}


def _compare(document, documented, code_path, coded):
    """Complains about each row that only one side has."""
    for row in sorted(coded - set(documented)):
        yield Violation(document, 1, f"lacks the row ({', '.join(row)}) of {code_path}")
    for row in sorted(set(documented) - coded):
        message = f"the row ({', '.join(row)}) is not in {code_path}"
        yield Violation(document, documented[row], message)


def _check_enum(tree, document, header, code_path, enum):
    if not tree.exists(code_path):
        return
    coded = _enumerators(tree.read(code_path), enum)
    if not coded:
        yield Violation(code_path, 1, f"has no enum class {enum} with its numbers written out")
    text = tree.read(document) if tree.exists(document) else ""
    yield from _compare(document, _document_rows(text, header), code_path, coded)


def check_errors(tree):
    """The error codes of the protocol document are those of the code."""
    yield from _check_enum(tree, *ERRORS)


def check_messages(tree):
    """The messages of the protocol document are those of the code."""
    yield from _check_enum(tree, *MESSAGES)


def check_transitions(tree):
    """The lifecycle document shows every transition of the state machine, and no other."""
    document, header, code_path = TRANSITIONS
    if not tree.exists(code_path):
        return
    code = cpp_text.without_comments(tree.read(code_path))
    coded = set(_TRANSITION.findall(code))
    if not coded:
        yield Violation(code_path, 1, "has no table of {from, Trigger::..., to}")
    text = tree.read(document) if tree.exists(document) else ""
    yield from _compare(document, _document_rows(text, header), code_path, coded)


def check_rule_tests(tree):
    """Each test that the table of rules names exists, and its name says which rule it is of."""
    document, header = TESTS
    if not tree.exists(document):
        return
    code = "\n".join(tree.read(path) for path in tree.cpp + tree.python
                     if path.startswith("tests/"))
    for (rule, _, test), number in _document_rows(tree.read(document), header).items():
        if test.startswith("not yet"):
            continue
        if not re.match(rf"(test_rule_{rule}_|rule {rule}: )", test):
            yield Violation(document, number, f"'{test}' does not say that it is of rule {rule}")
        elif not re.search(rf'def {re.escape(test)}\(|TEST_CASE\("{re.escape(test)}"', code):
            yield Violation(document, number, f"there is no test '{test}'")
