"""A worker that does not let go: it runs chaos.work like others, and besides sends each of its
outcomes again and again, long after they were settled, and also those of leases that have ended
and of former lives of the broker. None of that may change anything.

    stubborn_worker.py ENDPOINT FOLDER SEED
"""

import json
import os
import pathlib
import random
import sys
import threading
import time

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/python"))

import penstock_worker  # noqa: E402

AGAIN_MAX = 500  # outcomes that it remembers


def work(args, _payload):
    """Just long enough that other things happen meanwhile."""
    threading.Event().wait(args["ms"] / 1000)
    return None, b""


class Stubborn(penstock_worker.Worker):
    def __init__(self, endpoint, folder, seed):
        super().__init__(endpoint, {"chaos.work": work}, slots=1, process=1000)
        self.log = open(folder / f"runs/{os.getpid()}.jsonl", "a", encoding="ascii")
        self.random = random.Random(seed)
        self.known = {}  # lease -> (epoch, n, name of the run, bytes)
        self.again = []  # (epoch, row of an outcome)

    def _hand_out(self):
        waiting = self._waiting[0] if self._waiting else None
        if waiting and not self._slots[0].task and not self._asked:
            self.note_start(waiting)
        super()._hand_out()

    def note_start(self, task):
        run = f"{os.getpid()}-{len(self.known) + 1}-{time.time_ns()}"
        args = msgpack.unpackb(task.args)
        self.known[task.lease] = self._epoch, args["n"], run, len(task.payload)
        task_id = task.lease[0].hex()
        parts = [task_id[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))]
        self.log.write(json.dumps({
            "e": "start", "t": time.monotonic(), "id": "-".join(parts), "epoch": self._epoch,
            "attempt": task.lease[1], "pid": os.getpid(), "run": run}) + "\n")
        self.log.flush()

    def _collect(self):
        """Also of leases that are void: what ran is told, to whoever is there now."""
        void, self._void = self._void, set()
        late = [slot.task.lease for slot in self._slots if slot.task and slot.task.lease in void]
        super()._collect()
        for lease in late:
            # One that has ended was sent; held, as if it were a lease, it must not be.
            if self._outcomes.pop(lease, None) is None:
                self._void.add(lease)
        self.insist()

    def _finish(self, lease, thread, error, bodies=(b"", b""), run_us=0):
        if lease in self.known and error is None:
            _, number, run, size = self.known[lease]
            bodies = msgpack.packb({"n": number, "run": run, "bytes": size}), b""
        super()._finish(lease, thread, error, bodies, run_us)
        self.again.append((self.known[lease][0] if lease in self.known else self._epoch,
                           self._row(lease)))
        del self.again[:-AGAIN_MAX]

    def _row(self, lease):
        row, bodies = self._outcomes[lease]
        return [*row, *(body or None for body in bodies)]

    def insist(self):
        if self.again and self._joined and self.random.random() < 0.2:
            epoch, row = self.random.choice(self.again)
            # As it was, and as if it were of today.
            for claimed in {epoch, self._epoch}:
                self._send(penstock_worker.OUTCOME, claimed, [row])


def main():
    Stubborn(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])).run()


if __name__ == "__main__":
    main()
