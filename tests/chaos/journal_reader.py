"""Reads a broker's journal. Written from docs/JOURNAL.md alone, so that it tests that page, too.

    for record in read(folder):
        print(record.kind, record.fields)

Only the arithmetic of the checks is a library's (ISA-L, which the broker needs anyway).
"""

import collections
import ctypes
import ctypes.util
import struct

import msgpack

SECTOR, HEAD, BLOCK = 512, 12, 4096
EMPTY = bytes(SECTOR)
LIFE, ACCEPTED, FAILED, CANCEL, FINISHED, FORGOTTEN = range(1, 7)
FIELDS = {
    LIFE: "epoch time",
    ACCEPTED: "id type queue durability max_attempts time_limit backoff_base backoff_max run_at "
              "expires_at created_at ticket args payload",
    FAILED: "id runs charged alone_deaths ticket run_at report",
    CANCEL: "id",
    FINISHED: "id state dead_reason attempts site thread run_us error finished_at args payload "
              "started_at death again",
    FORGOTTEN: "floor forgotten_at ids",
}
ROWS = {kind: collections.namedtuple(f"Kind{kind}", names) for kind, names in FIELDS.items()}
Record = collections.namedtuple("Record", "kind sequence fields")
Start = collections.namedtuple("Start", "version journal segment size epoch batch sequence check")


class Damage(Exception):
    """Bytes that are not as the page says."""


def crc32c(data, before=0):
    """CRC-32C of RFC 3720, continued from `before`."""
    return ~_library().crc32_iscsi(data, len(data), ~before & 0xFFFFFFFF) & 0xFFFFFFFF


def _library():
    if not hasattr(_library, "loaded"):
        name = ctypes.util.find_library("isal")
        if name is None:
            raise RuntimeError("libisal is needed, as for the broker itself")
        loaded = ctypes.CDLL(name)
        loaded.crc32_iscsi.argtypes = ctypes.c_char_p, ctypes.c_int, ctypes.c_uint
        loaded.crc32_iscsi.restype = ctypes.c_uint
        _library.loaded = loaded
    return _library.loaded


class Segment:
    """One file: its first sector, and its sectors one by one."""

    def __init__(self, path):
        self.name, self.data = path.name, path.read_bytes()
        first = self.data[:SECTOR]
        if len(first) < SECTOR or first[12:20] != b"PENSTOCK":
            raise Damage(f"{self.name} does not begin like a segment")
        if struct.unpack_from("<I", first)[0] != crc32c(first[4:], crc32c(bytes(28))):
            raise Damage(f"{self.name}: the check of its first sector is wrong")
        self.start = Start(*struct.unpack_from("<I16sQQQIQI", first, 20))
        if self.start.version != 1:
            raise Damage(f"{self.name} has version {self.start.version}")
        if self.start.size != len(self.data):
            raise Damage(f"{self.name} has {len(self.data)} bytes of {self.start.size}")
        if self.name != f"segment-{self.start.segment:016x}":
            raise Damage(f"{self.name} is segment {self.start.segment}")

    def sector(self, number):
        """(batch, left, content), or None for an empty one."""
        raw = self.data[number * SECTOR:(number + 1) * SECTOR]
        if raw == EMPTY:
            return None
        place = self.start.journal + struct.pack("<QI", self.start.segment, number)
        check, batch, left = struct.unpack_from("<III", raw)
        if check != crc32c(raw[4:], crc32c(place)):
            raise Damage(f"{self.name}: a damaged sector at byte {number * SECTOR}")
        return batch, left, raw[HEAD:]

    def batches(self, batch):
        """The contents of the batches, numbered from `batch` on, then how many bytes are torn."""
        number = BLOCK // SECTOR
        while (number + 1) * SECTOR <= len(self.data):
            first = self.sector(number)
            if first is None or first[0] != batch:
                break
            sectors = [first]
            for left in range(first[1] - 1, -1, -1):
                follower = self.sector(number + len(sectors))
                if follower is None or follower[:2] != (batch, left):
                    return self._torn(number, batch)
                sectors.append(follower)
            yield b"".join(content for *_, content in sectors)
            batch = batch % 0xFFFFFFFF + 1
            end = number + len(sectors)
            number = -(-end * SECTOR // BLOCK) * BLOCK // SECTOR
        return self._torn(number, batch)

    def _torn(self, number, batch):
        """The bytes behind the last whole batch: all empty, or of the next one."""
        found = len(self.data[number * SECTOR:].rstrip(b"\0"))
        for sector in range(number, number + -(-found // SECTOR)):
            there = self.sector(sector)
            if there is not None and there[0] != batch:
                raise Damage(f"{self.name}: batch {there[0]} instead of {batch} at byte "
                             f"{sector * SECTOR}")
        return found


class Reader:
    """Goes over all segments; afterwards `torn` tells how many bytes were torn."""

    def __init__(self, folder):
        self.folder = folder
        self.segments = [Segment(path) for path in sorted(folder.glob("segment-*"))]
        self.is_trimmed = bool(self.segments) and self.segments[0].start.segment != 1
        self.torn = 0

    def __iter__(self):
        if not self.segments:
            return
        start = self.segments[0].start
        self.sequence, self.check, batch = start.sequence, start.check, start.batch
        for place, segment in enumerate(self.segments):
            expected = (start.journal, start.segment + place, batch, self.sequence, self.check)
            mine = segment.start
            if (mine.journal, mine.segment, mine.batch, mine.sequence, mine.check) != expected:
                raise Damage(f"{segment.name} does not go on where the one before ended")
            batches = segment.batches(batch)
            while True:
                try:
                    content = next(batches)
                except StopIteration as end:
                    self.torn = end.value
                    break
                batch = batch % 0xFFFFFFFF + 1
                yield from self._records(content, segment)
            if self.torn and segment is not self.segments[-1]:
                raise Damage(f"{segment.name} is torn, but it is not the last")

    def _records(self, content, segment):
        at, where = 0, segment.name
        while at + 20 <= len(content):
            length, kind = struct.unpack_from("<IB", content, at)
            if kind == 0:
                return
            sequence, check = struct.unpack_from("<QI", content, at + 8)
            body = content[at + 20:at + 20 + length]
            if check != crc32c(body, crc32c(content[at:at + 16], self.check)):
                raise Damage(f"{where}: the check of record {sequence} is wrong")
            if sequence != self.sequence + (kind != LIFE):
                raise Damage(f"{where}: record {sequence} after {self.sequence}")
            self.sequence, self.check = sequence, check
            row = self._row(kind, body, where)
            if isinstance(getattr(row, "args", b""), int):
                row = self._with_body(row, segment, sequence)
            yield Record(kind, sequence, row)
            at += 20 + length

    def _with_body(self, row, segment, sequence):
        name = f"body-{segment.start.segment:016x}-{sequence:016x}"
        path = self.folder / name
        data = path.read_bytes() if path.exists() else b""
        head = struct.pack("<8s16sQQQQ", b"PENSBODY", segment.start.journal,
                           segment.start.segment, sequence, row.args, row.payload)
        check = struct.pack("<I", crc32c(data[60:], crc32c(head)))
        if data[:60] != head + check or len(data) != 60 + row.args + row.payload:
            raise Damage(f"{name} is missing, or not as it was written")
        return row._replace(args=data[60:60 + row.args], payload=data[60 + row.args:])

    @staticmethod
    def _row(kind, body, where):
        try:
            return ROWS[kind](*msgpack.unpackb(body))
        except (KeyError, ValueError, TypeError, msgpack.UnpackException) as error:
            raise Damage(f"{where}: a record of kind {kind} cannot be read: {error}") from None
