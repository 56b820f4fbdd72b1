"""Asks the broker for the end of every task that any client holds a receipt for, as another client
than those: what it is told must be what they were told. Notes the answers as histories do.

    audit.py ENDPOINT FOLDER SECONDS
"""

import json
import pathlib
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration/python"))

from evidence import lines_of  # noqa: E402
from penstock_client import Client, PenstockError  # noqa: E402


def accepted(folder):
    """The ids of all tasks with a receipt."""
    return sorted({line["id"] for path in folder.glob("histories/*.jsonl")
                   for line in lines_of(path) if line["e"] == "receipt"})


def line_of(outcome):
    line = {"t": time.monotonic(), "id": str(uuid.UUID(bytes=outcome.id))}
    name = outcome.error.name if outcome.error else None
    if not outcome.state:
        return {**line, "e": "error", "error": name, "message": str(outcome.error)}
    return {**line, "e": "end", "state": outcome.state, "reason": outcome.dead_reason,
            "attempts": outcome.attempts, "pid": outcome.site[1] if outcome.site else 0,
            "value": None if name else outcome.value(), "error": name}


def main():
    endpoint, folder, seconds = sys.argv[1], pathlib.Path(sys.argv[2]), float(sys.argv[3])
    ids = [uuid.UUID(text).bytes for text in accepted(folder)]
    end = time.monotonic() + seconds
    with open(folder / "histories/audit.jsonl", "w", encoding="utf-8") as file, \
            Client(endpoint, "audit", timeout=seconds) as client:
        for first in range(0, len(ids), 1000):
            try:
                outcomes = client.wait(ids[first:first + 1000],
                                       timeout=max(1.0, end - time.monotonic()))
            except PenstockError as error:
                print(f"the broker does not tell the ends of all tasks: {error}", file=sys.stderr)
                continue  # the checker sees which are missing
            file.writelines(json.dumps(line_of(outcome)) + "\n" for outcome in outcomes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
