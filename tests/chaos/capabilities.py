"""What this machine allows: a small disk of its own, a group with little memory. What it does not
allow is told with the reason, so that no fault counts as survived that never happened.
"""

import contextlib
import os
import pathlib
import subprocess
import sys

IN_NAMESPACE = "PENSTOCK_CHAOS_NAMESPACE"


def enter_namespace():
    """Starts the program again in a mount namespace of its own, where it may mount what it likes
    and where that is gone with it. Stays where it is if the machine has none to give."""
    if os.environ.get(IN_NAMESPACE):
        return
    flags = "-m" if os.geteuid() == 0 else "-rm"
    environment = dict(os.environ, **{IN_NAMESPACE: "yes"})
    with contextlib.suppress(OSError):
        if subprocess.run(["unshare", flags, "true"], capture_output=True, check=False).returncode:
            return
        sys.stdout.flush()
        os.execvpe("unshare", ["unshare", flags, sys.executable, "-B", *sys.argv], environment)


def mount_small_disk(folder, size_bytes):
    """A disk of that size at the folder. Returns why not, or nothing."""
    if not os.environ.get(IN_NAMESPACE):
        return "no mount namespace: neither root nor `unshare -rm`"
    answer = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "chaos", folder],
                            capture_output=True, text=True, check=False)
    return answer.stderr.strip() if answer.returncode else None


def unmount(folder):
    subprocess.run(["umount", folder], check=True)


class MemoryGroup:
    """A control group of either version with a limit on its memory."""

    def __init__(self, path, is_second):
        self.path, self.is_second = path, is_second

    def limit(self, size_bytes):
        names = ("memory.max", "memory.swap.max") if self.is_second else (
            "memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
        (self.path / names[0]).write_text(str(size_bytes))
        with contextlib.suppress(OSError):  # there where swap is counted
            (self.path / names[1]).write_text("0" if self.is_second else str(size_bytes))

    def add(self, pid):
        """The process, and those it starts from now on."""
        (self.path / "cgroup.procs").write_text(str(pid))

    def kills(self):
        name = "memory.events" if self.is_second else "memory.oom_control"
        lines = (self.path / name).read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def _group_folders():
    """Where a group may be made, with whether it is of version 2."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            for own in (path, "/"):
                yield pathlib.Path("/sys/fs/cgroup/memory" + own), False
        elif controllers == "":
            yield pathlib.Path("/sys/fs/cgroup" + path), True


@contextlib.contextmanager
def memory_group(name, size_bytes):
    """A new group of that size. Errors: OSError, if the machine has none to give."""
    why = OSError("no memory control group here")
    for folder, is_second in _group_folders():
        group = MemoryGroup(folder / f"penstock-chaos-{os.getpid()}-{name}", is_second)
        try:
            group.path.mkdir()
        except OSError as error:
            why = error
            continue
        try:
            group.limit(size_bytes)
            group.kills()
        except OSError as error:
            why = error
            group.path.rmdir()
            continue
        try:
            yield group
        finally:
            group.path.rmdir()
        return
    raise why


def lack_of_memory_group():
    """Why no process can be killed for lack of memory, or nothing."""
    try:
        with memory_group("probe", 64 << 20):
            return None
    except OSError as error:
        return f"no memory control group: {error}"
