"""Who may include whom, and which third-party library enters through which door."""

import re

import cpp_text
from source_tree import Violation, line_of

# Plain structs; turning them from and into bytes is the shell's.
MESSAGES = (
    "common/protocol/archive_messages.hpp",
    "common/protocol/backup_messages.hpp",
    "common/protocol/limits.hpp",
    "common/protocol/memory_messages.hpp",
    "common/protocol/message.hpp",
    "common/protocol/query_messages.hpp",
    "common/protocol/worker_messages.hpp",
)

# The longest matching folder decides. What is not named here (tests, bench) may include anything.
ARROWS = {
    "common/model": ("common/model",),
    "common/protocol": ("common/protocol", "common/model"),
    "common/transport": ("common/transport", "common/model"),
    "common/shm": (
        "common/shm", "common/model", "common/protocol/memory_messages.hpp"),
    "common/telemetry": ("common/telemetry", "common/model"),
    "common/process": ("common/process", "common/model"),
    "broker": ("broker", "common"),
    "broker/core": ("broker/core", "common/model", *MESSAGES),
    "broker/store": ("broker/store", "broker/core", "common"),
    "broker/archive": ("broker/archive", "broker/core", "common"),
    "worker": ("worker", "common"),
    "worker/core": ("worker/core", "common/model", *MESSAGES),
    "worker/sdk": ("worker/sdk", "common/model", "common/protocol", "common/shm/shared_buffer.hpp"),
    "worker/handlers": ("worker/handlers", "worker/sdk", "common/model", "common/protocol"),
    # Starting a child so that it cannot outlive its parent is written once.
    "worker/handlers/exec": (
        "worker/handlers/exec", "worker/sdk", "common/model", "common/protocol", "common/process"),
    "worker/shell": ("worker/shell", "worker/core", "worker/sdk", "common"),
    "producer": ("producer", "common"),
    "producer/core": ("producer/core", "common/model", *MESSAGES),
    "producer/client": ("producer/client", "producer/core", "common"),
    "producer/gateway": ("producer/gateway", "producer/client", "producer/core", "common"),
    # JSON and MessagePack values are what it decides about; sockets are the http room's.
    "producer/gateway/core": (
        "producer/gateway/core", "common/model", "common/protocol/value.hpp", *MESSAGES),
    "producer/gateway/http": (
        "producer/gateway/http", "producer/gateway/core", "common/model", "common/telemetry",
        "common/transport/endpoint.hpp"),
}

# Third-party headers and where they may be included. Changing a library changes one folder.
DOORS = (
    (r"zmq(_addon)?\.h(pp)?", "common/transport/"),
    (r"msgpack(\.h|\.hpp|/.*)", "common/protocol/"),
    (r"nlohmann/.*", "common/protocol/value.hpp"),
    (r"(vips|glib|glib-object)(\.h|/.*)", "worker/handlers/image/"),
    (r"(jpeglib|jerror)\.h", "worker/handlers/image/jpeg/codec.cpp"),
    (r"hwy/.*", "worker/handlers/image/jpeg/kernels.cpp"),
    (r"isa-l/.*", "broker/store/log/crc32c.cpp"),
    (r"sqlite3\.h", "broker/archive/sqlite.cpp"),
    (r"sodium(\.h|/.*)", "worker/handlers/crypto/"),
    (r"microhttpd\.h", "producer/gateway/http/"),
    (r"(prometheus|spdlog)/.*", "common/telemetry/"),
    (r"CLI/.*", "common/process/"),
    (r"tl/.*", "common/model/"),
)

# A core is told the time and what happened; it has no way to find out or to act by itself.
CORE_HEADERS_REFUSED = (
    r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token"
    r"|fstream|iostream|filesystem|csignal|cstdio|(?!fmt/).*\.h|(?!fmt/).*/.*"
)
CORE_CALLS_REFUSED = (
    (r"::now\s*\(", "reads a clock; take the time as a parameter"),
    (r"\bInstant::read\s*\(", "reads the clocks; take the time as a parameter"),
    (r"\brandom_device\b", "is not repeatable; take a seed at construction"),
    (r"\bgetenv\s*\(", "depends on the environment; take the value as a parameter"),
)

# Where a shell reads the time. Everywhere else it is a parameter.
CLOCK_READERS = (
    "broker/shell/",
    "broker/store/segmented_log.cpp",  # how long a sync takes
    "common/transport/poller.cpp",
    "common/transport/spin.hpp",
    "worker/shell/",
    "common/process/",
    "common/telemetry/",
    "producer/client/",
    "producer/cli/",
    "producer/gateway/http/",
    "producer/gateway/shell/",
    "producer/gateway/main.cpp",
    "tests/",
    "bench/",
    "common/model/time.hpp",
)

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


def _under(path, folder):
    return path == folder or path.startswith(folder + "/")


def _allowed_folders(path):
    """The folders that `path` may include from, or None when it may include anything."""
    layers = [folder for folder in ARROWS if _under(path, folder)]
    return ARROWS[max(layers, key=len)] if layers else None


def _is_core(path):
    return "core" in path.split("/")[:-1] and not path.startswith(("tests/", "bench/"))


def _check_own(tree, path, included):
    if not tree.exists(included):
        return f'"{included}" is not a path from the root of the project'
    if path.startswith(("tests/", "bench/")):
        return None
    if included.startswith(("tests/", "bench/")):
        return f'nothing includes tests or benches, but this includes "{included}"'
    allowed = _allowed_folders(path)
    if allowed is None or any(_under(included, folder) for folder in allowed):
        return None
    return f'may include from {", ".join(allowed)} only, not "{included}"'


def _check_foreign(path, included):
    if path.startswith(("tests/", "bench/")):
        return None
    for pattern, door in DOORS:
        if re.fullmatch(pattern, included) and not path.startswith(door):
            return f"<{included}> has one door, {door}"
    if path.startswith("common/model/") and re.search(r"[./]", included):
        if not included.startswith("tl/"):
            return f"the model includes the standard library only, not <{included}>"
    if _is_core(path) and re.fullmatch(CORE_HEADERS_REFUSED, included):
        return f"a core does without <{included}>: no thread, file, socket or stream"
    return None


def check_arrows(tree):
    """Every #include follows the arrows and the doors."""
    for path in tree.cpp:
        code = cpp_text.without_comments(tree.read(path))
        for match in _INCLUDE.finditer(code):
            own, foreign = match.groups()
            message = _check_own(tree, path, own) if own else _check_foreign(path, foreign)
            if message:
                yield Violation(path, line_of(code, match.start()), message)


def check_core_is_pure(tree):
    """A core reads no clock, no random device and no environment."""
    for path in filter(_is_core, tree.cpp):
        code = cpp_text.without_comments_and_strings(tree.read(path))
        for pattern, reason in CORE_CALLS_REFUSED:
            for match in re.finditer(pattern, code):
                where = line_of(code, match.start())
                yield Violation(path, where, f"a core is pure: {match[0].strip()} {reason}")


def check_clocks(tree):
    """Only shells read a clock."""
    for path in tree.cpp:
        if path.startswith(CLOCK_READERS):
            continue
        code = cpp_text.without_comments_and_strings(tree.read(path))
        for match in re.finditer(r"::now\s*\(", code):
            where = line_of(code, match.start())
            yield Violation(path, where, "reads a clock outside a shell; pass the time in")


def check_pragma_once(tree):
    """Every header is included once, however often it is named."""
    for path in tree.with_suffix(".hpp", ".h"):
        if not re.search(r"^#pragma once$", tree.read(path), re.MULTILINE):
            yield Violation(path, 1, "a header has a line '#pragma once'")
