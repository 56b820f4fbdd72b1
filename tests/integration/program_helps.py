"""What the programs and all their commands print for --help."""

import re
import subprocess

import system

# penstock-bench is not always built.
PROGRAMS = [name for name in ("penstock", "penstock-broker", "penstock-worker", "penstock-gateway",
                         "penstock-bench")
            if name != "penstock-bench" or (system.BIN / name).exists()]


def of_all_commands():
    """Pairs of a command, such as "penstock task ls", and its --help: of all there are."""
    waiting = [[program] for program in PROGRAMS]
    while waiting:
        words = waiting.pop(0)
        text = subprocess.run([system.BIN / words[0], *words[1:], "--help"], capture_output=True,
                              text=True, check=True).stdout
        yield " ".join(words), text
        commands = re.search(r"^Subcommands:\n((?: .*\n)+)", text,
                             re.MULTILINE | re.IGNORECASE)
        for name in re.findall(r"^  ([\w-]+)", commands[1] if commands else "", re.MULTILINE):
            waiting.append([*words, name])


def examples_block(text):
    """What stands, indented, below "Examples:"."""
    block = re.search(r"^Examples:\n((?:(?:  .*)?\n)+)", text, re.MULTILINE)
    return re.sub(r"^  ", "", block[1], flags=re.MULTILINE) if block else ""
