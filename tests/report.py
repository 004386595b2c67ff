#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""report.py NAME PRESET JUNIT SECONDS RESULTS [--notes REGEX]: what ctest wrote about one part of tests/run, as a
line; below it each skipped test with the reason, each failed one with the end of its output and the command that
runs only that one, and the lines of passed tests that match REGEX. Appends the line's figures to RESULTS. Exits 1
if a test failed or none ran."""

import re
import sys
import xml.etree.ElementTree

LINES_OF_A_FAILURE = 60


def reason_of(output):
    """Why a test was skipped: as GoogleTest, pytest or a script said."""
    for pattern in (r"^.*: Skipped\n(.+)$", r"^SKIPPED \[\d+\] [^ ]+ (.+)$", r"^skipped: (.+)$"):
        if found := re.search(pattern, output, re.M):
            return found.group(1)
    return "no reason given"


def name_of(case):
    """Without the bytes that GoogleTest shows of a parameter."""
    return case.get("name").split("  # GetParam() = ")[0]


def main(name, preset, junit, seconds, results, notes=None):
    cases = xml.etree.ElementTree.parse(junit).getroot().findall("testcase")
    failed = [c for c in cases if c.get("status") == "fail"]
    skipped = [c for c in cases if c.get("status") == "notrun" or c.find("skipped") is not None]
    passed = len(cases) - len(failed) - len(skipped)
    print(f"{name:<28} {passed:5} passed {len(failed):3} failed {len(skipped):3} skipped {seconds:>5} s")
    if not cases:
        print(f"  no test ran: see {junit.removesuffix('.xml')}.log, and ctest --preset {preset} -N")
    for case in skipped:
        print(f"  skipped: {name_of(case)}: {reason_of(case.findtext('system-out') or '')}")
    for case in failed:
        print(f"  failed: {name_of(case)}; to run only this one:")
        end = "$" if name_of(case) == case.get("name") else " "
        print(f"    ctest --preset {preset} -R '^{re.escape(name_of(case))}{end}'")
        for line in (case.findtext("system-out") or "").splitlines()[-LINES_OF_A_FAILURE:]:
            print(f"    {line}")
    if notes:
        for case in cases:
            for line in (case.findtext("system-out") or "").splitlines():
                if re.search(notes, line):
                    print(f"  {line}")
    with open(results, "a", encoding="utf-8") as file:
        file.write(f"{name}\t{passed}\t{len(failed)}\t{len(skipped)}\t{seconds}\n")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--notes" in arguments:
        at = arguments.index("--notes")
        arguments = arguments[:at] + arguments[at + 1:]
    sys.exit(main(*arguments))
