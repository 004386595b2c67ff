# SPDX-License-Identifier: Apache-2.0
"""tests/style/find_include_cycles.py finds a planted cycle and nothing where there is none."""

import pathlib
import subprocess
import sys

PROGRAM = pathlib.Path(__file__).with_name("find_include_cycles.py")


def plant(root, files):
    for name, includes in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f'#include "{include}"\n' for include in includes))


def find(root):
    done = subprocess.run([sys.executable, PROGRAM, root, "room"], capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_cycle_over_three_folders_is_found_with_its_includes(tmp_path):
    plant(tmp_path, {"room/a/a.h": ["room/b/b.h"], "room/b/b.cpp": ["room/b/b.h", "room/c/c.h"], "room/b/b.h": [],
                     "room/c/c.h": ["room/a/a.h"], "room/d/d.h": ["room/a/a.h"]})
    status, text = find(tmp_path)
    assert status == 1
    assert "room: a cycle of folders: a b c" in text
    assert "room/c/c.h includes room/a/a.h" in text and "room/d" not in text


def test_a_folder_may_include_itself_and_what_is_below_it(tmp_path):
    plant(tmp_path, {"room/a/a.h": ["room/a/x.h", "room/b/b.h", "other/z.h"], "room/b/b.h": [], "room/top.h":
                     ["room/a/a.h"]})
    assert find(tmp_path) == (0, "")


def test_a_folder_and_one_inside_of_it_are_two(tmp_path):
    plant(tmp_path, {"room/a/a.h": ["room/a/in/b.h"], "room/a/in/b.h": ["room/a/a.h"]})
    status, text = find(tmp_path)
    assert status == 1 and "a a/in" in text
