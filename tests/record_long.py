#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""record_long.py RESULTS TABLE COMMIT: puts what a run of tests/run --long gave into the committed table. A part
that ran again replaces its row; the others keep theirs, each with the commit and the day it ran on.
RESULTS has a line for each part: name, passed, failed, skipped, seconds, parted by tabs."""

import datetime
import os
import sys

HEAD = """\
# The long tests

What `tests/run --long` gave last, written by itself; parts may have been run one by one. Each row names
the commit that was tested and the day; `-dirty` after a commit means that files were changed and not committed.

| what | passed | failed | skipped | took | commit | date | CPUs |
|---|---:|---:|---:|---:|---|---|---:|
"""


def read_rows(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        cells = [[cell.strip() for cell in line.strip("| \n").split("|")]
                 for line in file if line.startswith("| ")]
    return {row[0]: row for row in cells[1:]}


def took(seconds):
    return f"{seconds} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def main():
    results, table, commit = sys.argv[1:]
    rows = read_rows(table)
    with open(results, encoding="utf-8") as file:
        for line in file:
            name, passed, failed, skipped, seconds = line.rstrip("\n").split("\t")
            rows[name] = [name, passed, failed, skipped, took(int(seconds)), commit,
                          datetime.date.today().isoformat(), str(os.cpu_count())]
    with open(table, "w", encoding="utf-8") as file:
        file.write(HEAD)
        for row in rows.values():
            file.write("| " + " | ".join(row) + " |\n")


main()
