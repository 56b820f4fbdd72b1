"""Examples as docs/HANDLERS.md and every --help show them, and how they are run.

    # why, where the command does not say it
    $ penstock submit math.double '[1,2,3]' --wait
    [2,4,6]

A command is followed by what it prints, where … stands for anything. Without such lines nothing is
said about that, but the command succeeds; it may fail only where the lines show an error.
"""

import re
import subprocess

import system

# "penstock: there is no task …"
ERROR = re.compile(r"^penstock[a-z-]*: ", re.MULTILINE)
# The same, or what follows the name of the task that failed: "…no numbers…". A result may look so.
MAY_FAIL = re.compile(r"^(penstock[a-z-]*: |….)", re.MULTILINE)


def read(text):
    """Pairs of a command and what it prints, in order."""
    without_reasons = re.sub(r"^# .*\n(?=\$ )", "", text, flags=re.MULTILINE)
    for example in re.split(r"^\$ ", without_reasons, flags=re.MULTILINE)[1:]:
        command, _, output = example.partition("\n")
        yield command, output


def pattern_of(output):
    """What is printed, as a regular expression for the whole of it."""
    parts = (re.escape(part) for part in output.split("…"))
    return re.compile(rf"\A{'.*'.join(parts)}\Z", re.DOTALL)


def complaint(expected, output, code):
    """What is wrong with what an example's command printed and left with, or None."""
    if expected and not pattern_of(expected).match(output):
        return f"it printed\n{output}instead of\n{expected}"
    if code != 0 and not MAY_FAIL.search(expected):
        return f"it left with {code} and printed\n{output}"
    if code == 0 and ERROR.search(expected):
        return f"it succeeded, and shows an error:\n{expected}"
    return None


def run(command, folder, environment):
    """What the command prints in a shell, errors too, and its exit code."""
    answer = subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", command], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        timeout=60 * system.PATIENCE, check=False)
    return answer.stdout, answer.returncode
