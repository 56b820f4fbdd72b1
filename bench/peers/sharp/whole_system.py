"""The whole system: its nearness to its own engine, one picture on an idle machine, its memory."""

import contextlib
import importlib.util
import pathlib
import shutil
import subprocess
import threading

import pairs
import penstock as bench

HERE = pathlib.Path(__file__).resolve().parent
WEB = HERE.parents[1] / "web"
CALLERS = 4
SAMPLE_S = 0.02


def load_web():
    """bench/web/compare.py, whose servers and callers these are."""
    spec = importlib.util.spec_from_file_location("web_compare", WEB / "compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


web = load_web()


def penstock(binaries):
    """A `penstock up` that is not started yet."""
    return next(server for server in web.servers(binaries) if server.name == "penstock")


def plain(build, folder):
    """The clustered server of bench/web, with the sharp of this folder."""
    shutil.copy(WEB / "plain.js", folder)
    shutil.copy(HERE / "package.json", folder)
    (folder / "node_modules").symlink_to(build / "node_modules")
    return web.Server("plain", lambda port, _: ["node", folder / "plain.js"])


def resize(binaries, server, photos, folder, width, quality):
    """What the whole system makes of the photographs, under the same names."""
    subprocess.run(
        [binaries / "penstock", "--server", f"ipc://{server.data()}/f", "--quiet", "image",
         "resize", photos, "--out-dir", folder, "--width", str(width), "--quality", str(quality)],
        check=True, stdout=subprocess.DEVNULL)


def against_its_engine(binaries, photo_set, count, seconds):
    """Client, broker and workers against the same handler as a function: `penstock-bench image`."""
    report = bench.bench_report(
        [binaries / "penstock-bench", "image", "--photos", photo_set.folder, "--pairs", count,
         "--seconds", seconds / 2, "--json"], bench.PATIENCE_S + 10 * count * seconds)
    row = report["image"][0]
    return {"penstock": row["images_per_s"], "other": row["direct_images_per_s"],
            "ratio": row["ratio"], "low": row["ratio_low"], "high": row["ratio_high"],
            "pairs": row["pairs"]}, report["answers"]["wrong_or_missing"]


def one_at_a_time(servers, photo_set, count, seconds):
    """p50 of one picture after another from each server, in turns; and how many were wrong."""
    web.PHOTOS = photo_set.paths
    taken, wrong = {server.name: [] for server in servers}, 0
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
        for number in range(-2, count):  # the first two warm up both processes of each
            for server in servers if number % 2 else reversed(servers):
                row = web.measure(server, "/upload", 1, seconds)
                wrong += row["wrong"]
                if number >= 0:
                    taken[server.name].append(row)
    p50 = [[row["p50"] for row in taken[server.name]] for server in servers]
    return pairs.compare(*p50), wrong


def worker_processes(server):
    """The ids of the processes that run handlers."""
    def arguments(pid):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return [pid for pid in web.tree_of(server.process.pid)
            if arguments(pid)[0].endswith(b"penstock-worker")
            and b"--role\0process" in b"\0".join(arguments(pid))]


def own_mib(pid):
    """What a process has in memory but for payloads, which lie in memory that it shares with the
    broker; the code of libraries counts, though all processes share that, too."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return sum(int(line.split()[1]) / 1024 for line in text.splitlines()
               if line.startswith(("RssAnon:", "RssFile:")))


class Highest:
    """The most that each process had at any look while the block ran."""

    def __init__(self, pids):
        self.highest = {pid: own_mib(pid) for pid in pids}
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def __enter__(self):
        self.thread.start()
        return self.highest

    def __exit__(self, kind, value, trace):
        self.is_over.set()
        self.thread.join()

    def look(self):
        while not self.is_over.wait(SAMPLE_S):
            for pid in self.highest:
                self.highest[pid] = max(self.highest[pid], own_mib(pid))


def memory_added(server, photo_set, seconds):
    """MiB that pictures add to the worker process that has most of it: at the highest, and kept."""
    web.PHOTOS = photo_set.paths
    with server:
        numbers = web.measure(server, "/process", CALLERS, 1)  # what other tasks take is there
        before = {pid: own_mib(pid) for pid in worker_processes(server)}
        if not before:
            raise SystemExit("no worker process found")
        with Highest(before) as highest:
            pictures = web.measure(server, "/upload", CALLERS, seconds)
        if worker_processes(server) != list(before):
            raise SystemExit("a worker process has ended on the way")
        added = {"before": max(before.values()),
                 "highest": max(highest[pid] - before[pid] for pid in before),
                 "kept": max(own_mib(pid) - before[pid] for pid in before)}
    return added, numbers["wrong"] + pictures["wrong"]
