"""Each house rule catches what it is there for, and lets pass what it should."""

import pathlib
import tempfile
import unittest

import house_rules
import includes
import layout
import sizes
import tables
import words

MARKER = "TO" + "DO"

# rule -> files in which it finds exactly one violation, in the first of them.
PLANTED = {
    includes.check_arrows: [
        {
            "common/model/ids.hpp": '#include "common/protocol/codec.hpp"',
            "common/protocol/codec.hpp": "",
        },
        {"common/transport/a.cpp": '#include "common/protocol/a.hpp"', "common/protocol/a.hpp": ""},
        {"broker/core/task.hpp": '#include "broker/shell/loop.hpp"', "broker/shell/loop.hpp": ""},
        {
            "broker/core/task.hpp": '#include "common/protocol/codec.hpp"',
            "common/protocol/codec.hpp": "",
        },
        {"broker/shell/loop.cpp": '#include "worker/a.hpp"', "worker/a.hpp": ""},
        {"worker/shell/loop.cpp": '#include "producer/a.hpp"', "producer/a.hpp": ""},
        {"producer/cli/main.cpp": '#include "broker/a.hpp"', "broker/a.hpp": ""},
        {"producer/client/client.cpp": '#include "producer/cli/a.hpp"', "producer/cli/a.hpp": ""},
        {"worker/shell/loop.cpp": '#include "tests/support/a.hpp"', "tests/support/a.hpp": ""},
        {"worker/shell/loop.cpp": '#include "loop.hpp"', "worker/shell/loop.hpp": ""},
        {"broker/core/task.hpp": "#include <thread>"},
        {"worker/core/session.hpp": "#include <fstream>"},
        {"producer/core/pending.hpp": "#include <sys/socket.h>"},
        {"common/model/ids.hpp": "#include <spdlog/spdlog.h>"},
        {"broker/shell/loop.cpp": "#  include <zmq.hpp>"},
        {"worker/shell/loop.cpp": "#include <msgpack.hpp>"},
        {"producer/gateway/shell/visit.cpp": "#include <microhttpd.h>"},
        {"producer/gateway/core/a.cpp": '#include "producer/client/a.hpp"',
         "producer/client/a.hpp": ""},
        {"producer/gateway/http/a.cpp": '#include "producer/gateway/shell/a.hpp"',
         "producer/gateway/shell/a.hpp": ""},
        {"producer/gateway/shell/a.cpp": '#include "producer/cli/a.hpp"',
         "producer/cli/a.hpp": ""},
        {"common/protocol/codec.cpp": "#include <nlohmann/json.hpp>"},
        {"worker/handlers/math/a.cpp": "#include <vips/vips8>"},
        {"broker/shell/metrics.cpp": "#include <prometheus/gauge.h>"},
        {"producer/cli/main.cpp": "#include <CLI/CLI.hpp>"},
    ],
    includes.check_core_is_pure: [
        {"broker/core/task.cpp": "auto now = Instant::read();"},
        {"worker/core/session.cpp": "std::random_device seed;"},
        {"producer/core/pending.cpp": "auto now = std::chrono::steady_clock::now();"},
        {"broker/core/task.cpp": 'auto home = std::getenv("HOME");'},
    ],
    includes.check_clocks: [
        {"worker/handlers/math/spin.cpp": "auto now = std::chrono::steady_clock::now();"},
        {"common/model/ids.cpp": "auto now = std::chrono::system_clock::now ();"},
    ],
    includes.check_pragma_once: [{"common/model/ids.hpp": "// #pragma once, but in a comment"}],
    sizes.check_files: [
        {"worker/a.cpp": "\n" * 501},
        {"scripts/run": "#!/bin/bash\n" + "\n" * 500},
    ],
    sizes.check_functions: [
        {"worker/a.cpp": "void f() {\n" + "    g();\n" * 69 + "}\n"},
        {"tests/a.py": "def f():\n" + "    g()\n" * 70},
        {"scripts/run": "#!/bin/bash\nf() {\n" + "    g\n" * 69 + "}\n"},
    ],
    sizes.check_columns: [{"worker/a.cpp": "//" + "-" * 99}, {"CMakeLists.txt": "#" * 101}],
    words.check_names: [
        {"common/string_utils.hpp": ""},
        {"worker/helper/a.cpp": ""},
        {"broker/task-manager.md": ""},
        {"docs/misc/notes.md": ""},
    ],
    words.check_markers: [{"worker/a.cpp": f"// {MARKER}(me)"}, {"README.md": f"{MARKER}: more"}],
    words.check_sleeps: [
        {"tests/unit/a_test.cpp": "std::this_thread::sleep_for(1s);"},
        {"tests/unit/a_test.cpp": "::sleep(1);"},
        {"tests/integration/a.py": "import time\ntime.sleep(1)\n"},
        {"tests/integration/run": "#!/bin/bash\nwhile true; do sleep 1; done\n"},
    ],
    layout.check_folders: [
        {"worker/shell/a.cpp": "", "worker/README.md": "See shell/.", "README.md": ""},
        {
            "worker/handlers/math/a.cpp": "",
            "worker/README.md": "| handlers/ | work |\n| math/ | of another folder |",
            "README.md": "| worker/ | runs |",
        },
    ],
    layout.check_links: [
        {"README.md": "[house](docs/HOUSE.md)"},
        {"docs/a.md": "[b](b.md#no-such-heading)", "docs/b.md": "# Other"},
        {"docs/a.md": "![picture](/picture.png)"},
    ],
    tables.check_errors: [
        {
            "docs/PROTOCOL.md": "| number | name |\n|---|---|\n| 1 | malformed |\n",
            "common/model/error.hpp": "enum class ErrorCode : int { malformed = 1, busy = 2, };",
        },
        {"common/model/error.hpp": "enum class Code { malformed, };"},
    ],
    tables.check_messages: [
        {
            "docs/PROTOCOL.md": "| kind | name |\n|---|---|\n| 1 | HELLO |\n| 2 | BYE |\n",
            "common/protocol/message.hpp": "enum class Kind : int { hello = 1, };",
        }
    ],
    tables.check_rule_tests: [
        {
            "docs/TESTING.md": "| rule | what cannot happen | test |\n|---|---|---|\n"
            "| 1 | a | not yet: b |\n| 2 | c | `test_rule_2_d` |\n| 3 | e | `test_rule_3_f` |\n",
            "tests/a.py": "def test_rule_2_d(self):\n    pass\n",
        },
        {
            "docs/TESTING.md": "| rule | what cannot happen | test |\n|---|---|---|\n"
            "| 2 | c | `rule 2: d` |\n| 3 | e | `rule 4: f` |\n",
            "tests/a.cpp": 'TEST_CASE("rule 2: d") {\n}\nTEST_CASE("rule 4: f") {\n}\n',
        },
    ],
    tables.check_transitions: [
        {
            "docs/LIFECYCLE.md": "| from | trigger | to |\n|---|---|---|\n",
            "broker/core/task.cpp": "table{{ {queued, Trigger::dispatch, active}, }};",
        },
        {
            "docs/LIFECYCLE.md": "| from | trigger | to |\n|---|---|---|\n"
            "| queued | dispatch | active |\n| `dead` | `dispatch` | `active` |\n",
            "broker/core/task.cpp": "table{{ {queued, Trigger::dispatch, active}, }};",
        },
    ],
}

# What looks like a violation and is none; every rule is applied.
ALLOWED = [
    {"broker/core/a.cpp": '// #include <thread>\nauto text = "clock::now()";\n'},
    {
        "broker/core/a.cpp": '#include "common/protocol/message.hpp"\n',
        "common/protocol/message.hpp": "#pragma once\nenum class Kind { hello = 1 };\n",
        "docs/PROTOCOL.md": "| kind | name | from |\n|---|---|---|\n| 1 | HELLO | P |\n",
    },
    {"tests/unit/a_test.cpp": "#include <nlohmann/json.hpp>\n#include <zmq.hpp>\n"},
    {"tests/unit/a_test.cpp": '// sleep_for(1s)\nsubmit("math.sleep"); sleep(input, context);\n'},
    {"producer/core/a.cpp": "#include <fmt/format.h>\n"},
    {"tests/integration/a.py": 'run("time.sleep(1)")  # time.sleep(1)\n'},
    {"worker/shell/loop.cpp": "auto now = std::chrono::steady_clock::now();\n"},
    {"worker/a.cpp": "void f() {\n" + "    g();\n" * 68 + "}\n"},
    {"scripts/run": "#!/bin/bash\nmktemp /tmp/a.XXXXXXXX\n"},
    {"docs/a.md": f"Never write `{MARKER}`.\n```\n[no link](nowhere.md)\n```\n"},
    {"docs/a.md": "# One `two`: three\n[up](#one-two-three) [web](https://example.org/a)\n"},
    {"build/a.cpp": "#include <nowhere/at/all>\n" + "-" * 200, ".gitignore": "/build/\n"},
]


def violations(files, rules):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return house_rules.violations(folder, rules)


class HouseRules(unittest.TestCase):
    def test_every_rule_has_a_planted_violation(self):
        self.assertEqual(set(house_rules.RULES), set(PLANTED))

    def test_every_rule_catches_its_planted_violations(self):
        for rule, plants in PLANTED.items():
            for files in plants:
                with self.subTest(rule=rule.__name__, files=files):
                    found = violations(files, [rule])
                    self.assertEqual(len(found), 1, found)
                    self.assertTrue(next(iter(files)).startswith(found[0].path), found)

    def test_what_is_allowed_passes_every_rule(self):
        for files in ALLOWED:
            with self.subTest(files=files):
                folders = {path.split("/")[0] for path in files if "/" in path}
                subfolders = {"/".join(p.split("/")[:2]) for p in files if p.count("/") > 1}
                readmes = {f"{folder}/README.md": "" for folder in folders | subfolders}
                self.assertEqual(violations(readmes | files, house_rules.RULES), [])

    def test_a_folder_may_be_introduced_by_its_parent(self):
        for cell in ("shell/", "`shell/`", "[shell](loop.md)"):
            line = f"| folder | what |\n|---|---|\n| {cell} | the loop |\n"
            files = {"worker/shell/a.cpp": "", "worker/README.md": line}
            self.assertEqual(violations(files, [layout.check_folders]), [])


if __name__ == "__main__":
    unittest.main()
