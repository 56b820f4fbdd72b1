#!/usr/bin/env python3
"""Checks the rules of docs/STYLE.md that a machine can check. Prints each violation.

Usage: house_rules.py [ROOT]
"""

import pathlib
import sys

import includes
import layout
import sizes
import source_tree
import tables
import words

RULES = (
    includes.check_arrows,
    includes.check_core_is_pure,
    includes.check_clocks,
    includes.check_pragma_once,
    sizes.check_files,
    sizes.check_functions,
    sizes.check_columns,
    words.check_names,
    words.check_markers,
    words.check_sleeps,
    layout.check_folders,
    layout.check_links,
    tables.check_errors,
    tables.check_messages,
    tables.check_rule_tests,
    tables.check_transitions,
)


def violations(root, rules=RULES):
    tree = source_tree.SourceTree(root)
    return sorted(violation for rule in rules for violation in rule(tree))


def main(arguments):
    root = arguments[0] if arguments else pathlib.Path(__file__).resolve().parents[2]
    found = violations(root)
    for violation in found:
        print(violation)
    print(f"{len(RULES)} house rules, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
