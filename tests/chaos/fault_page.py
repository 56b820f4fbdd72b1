"""The page that tells the preloaded library what to do; its bytes are those of fault_page.hpp."""

import os
import struct

VARIABLE = "PENSTOCK_CHAOS_FAULTS"
LAYOUT = struct.Struct("<qiiii")
NAMES = "clock_offset_s sync_delay_ms sync_errno write_errno syncs_delayed".split()


class FaultPage:
    """A file that the processes have mapped: what is set here holds for them at once."""

    def __init__(self, path):
        self.path = path
        path.write_bytes(bytes(LAYOUT.size))

    def variables(self, programs):
        """What a process needs in its environment; `programs` is where the library is."""
        # It comes before the library of a sanitizer, which would complain of that.
        options = [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]
        return {"LD_PRELOAD": str(programs / "chaos-preload.so"), VARIABLE: str(self.path),
                "ASAN_OPTIONS": ":".join(filter(None, options))}

    def set(self, **numbers):
        with open(self.path, "r+b") as file:
            now = dict(zip(NAMES, LAYOUT.unpack(file.read(LAYOUT.size))))
            file.seek(0)
            file.write(LAYOUT.pack(*({**now, **numbers}[name] for name in NAMES)))

    def get(self, name):
        return LAYOUT.unpack(self.path.read_bytes())[NAMES.index(name)]
