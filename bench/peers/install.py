"""Brings the packages of the peers onto this machine, and compiles the clients."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NODE_MIN = 20
# Debian asks this file whether a service that was just installed may start; 101 says no.
SERVICE_POLICY = pathlib.Path("/usr/sbin/policy-rc.d")


def default_build():
    """Where compiled clients and node_modules stay from one run to the next."""
    return pathlib.Path(tempfile.gettempdir()) / f"penstock-peers-{os.getuid()}"


def prepare_build(build):
    build.mkdir(mode=0o700, parents=True, exist_ok=True)
    if build.stat().st_uid != os.getuid():
        raise SystemExit(f"{build} belongs to somebody else; name another folder with --build")


def run(command, **options):
    print("$", *command, flush=True)
    subprocess.run([str(word) for word in command], check=True, **options)


def as_root(command):
    return command if os.getuid() == 0 else ["sudo", *command]


@contextlib.contextmanager
def no_services():
    """The servers run when a benchmark needs them, and not because they were installed."""
    if SERVICE_POLICY.exists():
        yield
        return
    with tempfile.NamedTemporaryFile("w", suffix="-policy-rc.d") as policy:
        policy.write("#!/bin/sh\nexit 101\n")
        policy.flush()
        run(as_root(["install", "-m", "755", policy.name, SERVICE_POLICY]))
    try:
        yield
    finally:
        run(as_root(["rm", SERVICE_POLICY]))


def install_debian(packages):
    if packages:
        with no_services():
            run(as_root(["apt-get", "install", "-y", "--no-install-recommends", *packages]))


def debian_version(package):
    """Its version, or nothing when it is not installed."""
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package],
                            capture_output=True, text=True, check=False).stdout.split()
    return answer[1] if len(answer) == 2 and answer[0] == "installed" else None


def node_folder(build):
    return build / "node"


def missing_node():
    """What is missing of Node.js, and what to do about one that is too old."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    if "node" not in missing:
        version = subprocess.check_output(["node", "--version"], text=True).strip()
        if int(version.lstrip("v").split(".")[0]) < NODE_MIN:
            missing.append(f"Node.js {NODE_MIN} (the first in PATH is {version}; put a newer one, "
                           "as from nodejs.org, before it)")
    return missing


def install_npm(source, target):
    """The modules of a package.json, but outside the checkout; those of its lock file, if it has
    one."""
    target.mkdir(exist_ok=True)
    for path in source.glob("package*.json"):
        shutil.copy(path, target)
    how = (["ci"] if (source / "package-lock.json").exists()
           else ["install", "--no-package-lock"])
    run(["npm", *how, "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", target])


def compiled(build, name, libraries):
    """The client bench/peers/clients/NAME.cpp as a program; made when its source is newer."""
    source, program = HERE / "clients" / f"{name}.cpp", build / f"{name}-client"
    newest = max(path.stat().st_mtime for path in source.parent.iterdir())
    if not program.exists() or program.stat().st_mtime < newest:
        command = ["c++", "-O2", "-std=c++20", "-Wall", "-Wextra", f"-I{ROOT}", source,
                   "-o", program, *(f"-l{library}" for library in libraries)]
        subprocess.run([str(word) for word in command], check=True)
    return program
