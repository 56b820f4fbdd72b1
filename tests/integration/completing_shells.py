"""What real shells make of the completion scripts: a line is typed, then Tab.

    with completing_shells.start("zsh", environment) as shell:
        shell.offered("penstock task l")  # ["ls"]
"""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import tempfile
import time

import system

NAMES = [name for name in ("bash", "zsh", "fish") if shutil.which(name)]

# Tab puts all there is into the line, Ctrl-G tells the line and clears it.
START = {
    "bash": """
        PS1=
        source "$SCRIPT"
        bind 'set bell-style none'
        bind 'set enable-bracketed-paste off'
        bind '"\\t": insert-completions'
        tell() { printf '%s\\n' "$READLINE_LINE" >&"$ANSWERS"; READLINE_LINE= ; }
        bind -x '"\\C-g": tell'
    """,
    "zsh": """
        PS1=
        unsetopt beep
        autoload -Uz compinit && compinit -u -D
        source "$SCRIPT"
        zstyle ':completion:all-matches::::' completer _all_matches _complete
        zstyle ':completion:all-matches:*' insert true
        zle -C all-matches complete-word _generic
        bindkey '^I' all-matches
        tell() { print -r -u $ANSWERS -- "$BUFFER"; BUFFER= ; }
        zle -N tell
        bindkey '^G' tell
    """,
}


def script(shell):
    return subprocess.run([system.BIN / "penstock", "completion", shell], capture_output=True,
                          text=True, check=True).stdout


def start(shell, environment):
    """`environment` is added to the shell's own, in which `penstock` is found."""
    environment = {"HOME": "/nonexistent", "TERM": "xterm", **system.SANITIZER_OPTIONS,
                   **environment, "PATH": f"{system.BIN}:{os.environ['PATH']}"}
    return Fish(environment) if shell == "fish" else TerminalShell(shell, environment)


def values(words, line):
    """Sorted; of "--fit=inside" only what stands behind the sign."""
    has_sign = "=" in line.rpartition(" ")[2]
    return sorted(word.rpartition("=")[2] if has_sign else word for word in words)


class Shell:
    """In a folder in which `a-file` is all there is."""

    def __init__(self, name, environment):
        self._folder = tempfile.TemporaryDirectory(prefix="penstock-test-")
        folder = pathlib.Path(self._folder.name)
        self.environment = dict(environment, SCRIPT=str(folder / "script"), ZDOTDIR=str(folder))
        (folder / "script").write_text(script(name))
        self.files = folder / "files"
        self.files.mkdir()
        (self.files / "a-file").touch()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._folder.cleanup()


class Fish(Shell):
    """Fish says by itself what it would offer."""

    def __init__(self, environment):
        super().__init__("fish", environment)
        self.environment["HOME"] = self._folder.name

    def offered(self, line):
        answer = subprocess.run(
            ["fish", "--no-config", "-c", "source $SCRIPT; complete -C $argv[1]", line],
            env=self.environment, cwd=self.files, capture_output=True, text=True, check=True)
        assert not answer.stderr, answer.stderr
        return values([row.split("\t")[0] for row in answer.stdout.splitlines()], line)


class TerminalShell(Shell):
    """Bash or zsh, at a terminal of its own."""

    def __init__(self, name, environment):
        super().__init__(name, environment)
        folder = pathlib.Path(self._folder.name)
        (folder / "start").write_text(START[name])
        (folder / ".zshrc").write_text(START[name])
        command = {"bash": ["bash", "--noprofile", "--rcfile", folder / "start", "-i"],
                   "zsh": ["zsh", "--no-globalrcs", "-i"]}[name]
        self.answers, theirs = os.pipe()
        self.terminal, terminal = pty.openpty()
        self.environment["ANSWERS"] = str(theirs)
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=self.files, stdin=terminal, stdout=terminal,
            stderr=terminal, pass_fds=[theirs], start_new_session=True)
        os.close(theirs)
        os.close(terminal)

    def __exit__(self, kind, value, trace):
        self.process.kill()  # one that is asked to end would not, being interactive
        self.process.wait()
        os.close(self.terminal)
        os.close(self.answers)
        super().__exit__(kind, value, trace)

    def offered(self, line):
        os.write(self.terminal, f"{line}\t\a".encode())
        completed = self._answer()
        kept, _, begun = line.rpartition(" ")
        assert completed.startswith(kept), completed
        # A word that has been left as it was is nobody's offer.
        return values([word for word in completed[len(kept):].split() if word != begun], line)

    def _answer(self):
        """A line that the shell tells, while its terminal is read empty."""
        answer, shown = b"", b""
        end = time.monotonic() + 20 * system.PATIENCE
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([self.answers, self.terminal], [], [],
                                        max(0, end - time.monotonic()))
            assert ready, f"no answer; the terminal shows {shown!r}"
            if self.terminal in ready:
                shown += os.read(self.terminal, 4096)
            if self.answers in ready:
                answer += os.read(self.answers, 4096)
        return answer.decode().rstrip("\n")
