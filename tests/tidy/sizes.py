"""How large a file, a function and a line may be."""

import ast
import re

import cpp_text
from source_tree import Violation

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100


def _sources(tree):
    return tree.cpp + tree.python + tree.shell


def check_files(tree):
    """A file that grows past the limit has more than one reason to exist."""
    for path in _sources(tree):
        lines = len(tree.read(path).splitlines())
        if lines > FILE_LINES_MAX:
            message = f"{lines} lines, {FILE_LINES_MAX} are allowed: split it by reason"
            yield Violation(path, FILE_LINES_MAX + 1, message)


def check_columns(tree):
    """A line fits beside another one on a screen."""
    for path in _sources(tree) + tree.with_suffix("CMakeLists.txt", ".cmake"):
        for number, line in enumerate(tree.read(path).splitlines(), start=1):
            if len(line) > COLUMNS_MAX:
                message = f"{len(line)} columns, {COLUMNS_MAX} are allowed"
                yield Violation(path, number, message)


def _python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            yield cpp_text.Function(node.name, node.lineno, lines)


def _shell_functions(text):
    for match in re.finditer(r"^(\w+)\(\) \{\n(?:.*\n)*?\}$", text, re.MULTILINE):
        first_line = text.count("\n", 0, match.start()) + 1
        yield cpp_text.Function(match[1], first_line, match[0].count("\n") + 1)


def check_functions(tree):
    """A function fits on a screen."""
    measures = (
        (tree.cpp, cpp_text.functions),
        (tree.python, _python_functions),
        (tree.shell, _shell_functions),
    )
    for paths, measure in measures:
        for path in paths:
            for function in measure(tree.read(path)):
                if function.lines > FUNCTION_LINES_MAX:
                    message = (
                        f"{function.name} has {function.lines} lines,"
                        f" {FUNCTION_LINES_MAX} are allowed"
                    )
                    yield Violation(path, function.first_line, message)
