#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the source tests under Debian's 5.10 and 6.1, emulated, and asks this machine's kernel, too; the
tests of connections once more as if the kernel refused the iterators that some builds refuse.

run.py PROGRAM [--write]: PROGRAM is the static agent_bpf_static. Prints the capabilities of each kernel
with the source used, and for tests/run one line per kernel: `@ NAME PASSED FAILED SKIPPED SECONDS`.
The table of the emulated kernels is compared with docs/kernels.md, so that a change shows; --write
writes it there. Exits 1 if a test failed or the table is another.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DOCUMENT = ROOT / "docs/kernels.md"
BEGIN, END = "<!-- table by tests/kernels/run.py -->\n", "<!-- end of table -->\n"
SERIES = ["5.10", "6.1"]
SECONDS = 400  # for one kernel; it takes about two minutes, and longer beside other work
TIME_SCALE = 20  # an emulated processor is slower by about this factor
# What no kernel does otherwise: the first fills the ring with 16,000 execs, a minute of emulation.
NOT_RUN = ["*.CountsEventsThatFindNoRoom", "*ProgramLossBpfTest*",
           "*.PassesManyCopiesOfADescriptorOnInPiecesAndStops/*"]
# Refused with EPERM by a 6.18.44 build that was seen, and what is run without them.
REFUSED = "iter/bpf_sk_storage_map,iter/bpf_map_elem,iter/sockmap"
# An emulated machine is slow. What a kernel offers without these hooks is always asked; the tests of connections
# run so natively, and here with --long.
LONG = "MW_LONG" in os.environ
CAPABILITIES = ["CapabilityBpfTest.*"]
RUN_WITHOUT_REFUSED = ["FlowBpfTest.*", "FlowBeforeTest.*", "*FlowHoldersBpfTest.*", "*FlowCountsBpfTest.*",
                       "CapabilityBpfTest.*"]


class Outcome:
    """What one kernel's console said of a run of the tests."""

    def __init__(self, console):
        self.features = {}
        for name, verdict, source in re.findall(r"^@@ feature ([^|\n]*)\|([^|\n]*)\|([^|\n]*)$", console, re.M):
            self.features[name] = (verdict, source)
        release = re.search(r"^@@ kernel (\S+)", console, re.M)
        self.release = release.group(1) if release else "unknown"
        self.failed = sorted(set(re.findall(r"^\[  FAILED  \] (\S+) \(\d+ ms\)", console, re.M)))
        self.skipped = sorted(set(re.findall(r"^\[  SKIPPED \] (\S+) \(\d+ ms\)", console, re.M)))
        self.passed = len(re.findall(r"^\[       OK \] \S+ \(\d+ ms\)", console, re.M))


def boot(kernel, program):
    """The console of a machine that runs the program under a kernel, and whether it came to its end."""
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "bin").mkdir()
        (tree / "tests").mkdir()
        # The tests look for themselves under this name, and want a true(1) that no other name alters.
        shutil.copy(program, tree / "bin/agent_bpf_test")
        subprocess.run(["gcc", "-O2", "-static", "-o", tree / "bin/true", ROOT / "tests/bench/true.c"], check=True)
        for name, environment, wanted in (("1-sources", "", "*"),
                                          ("2-refused", f"MINEWARDEN_AGENT_DISABLED_HOOKS={REFUSED} ",
                                           ":".join(RUN_WITHOUT_REFUSED if LONG else CAPABILITIES))):
            (tree / f"tests/{name}.sh").write_text(
                f"{environment}MINEWARDEN_TEST_TIME_SCALE={TIME_SCALE} /bin/agent_bpf_test --gtest_color=no "
                f"--gtest_filter='{wanted}:-{':'.join(NOT_RUN)}'\n")
        done = subprocess.run([HERE / "boot", kernel, tree, str(SECONDS)], stdout=subprocess.PIPE)
    return done.stdout.decode(errors="replace"), done.returncode


def run_kernel(series, program):
    """What report() wants: the console, how the machine ended and how long it took; None where the kernel
    cannot be had."""
    kernel = ROOT / "build/kernels" / series
    fetched = subprocess.run([HERE / "fetch", series, kernel], stdout=sys.stderr)
    if fetched.returncode != 0:
        return None
    begin = time.monotonic()
    console, status = boot(kernel, program)
    return console, status, time.monotonic() - begin


def part_of(console, name):
    """What the guest printed of one of the tests/*.sh, and its exit status."""
    found = re.search(rf"^@@ begin {name}\n(.*?)^@@ end {name} (\d+)$", console, re.M | re.S)
    return (found.group(1), int(found.group(2))) if found else (console, 1)


def report(series, ran):
    """The outcomes with and without the refused iterators, and whether all is well; no outcomes where the
    kernel or qemu cannot be had."""
    if ran is None:
        print(f"  skipped: the kernel {series} cannot be had here")
        print(f"@ kernel-{series} 0 0 1 0")
        return None, True
    console, status, took = ran
    log = ROOT / f"build/test-logs/kernel-{series}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(console)
    if status == 69:
        print("  skipped: no qemu-system-x86_64 here")
        print(f"@ kernel-{series} 0 0 1 {took:.0f}")
        return None, True
    outcomes, good = [], True
    for part, label in (("1-sources", series), ("2-refused", f"{series}-refused")):
        text, ended = part_of(console, part)
        outcome = Outcome(text)
        failed = len(outcome.failed)
        if failed == 0 and (status != 0 or ended != 0):
            failed = 1  # the guest stopped, or the program ended without saying which test failed
            print(f"  {label}: the guest ended with {status}; the last lines of {log}:")
            print("\n".join("    " + line for line in console.splitlines()[-20:]))
        for name in outcome.failed:
            print(f"  failed under {label}: {name} ({log})")
        for name in outcome.skipped:
            print(f"  skipped under {label}: {name}")
        not_run = NOT_RUN if part == "1-sources" else [] if LONG else ["all but CapabilityBpfTest, without --long"]
        if not_run:
            print(f"  not run under {label}: {' '.join(not_run)}")
        print(f"@ kernel-{label} {outcome.passed} {failed} {len(outcome.skipped) + len(not_run)} {took:.0f}")
        took = 0  # both ran in one boot
        outcomes.append(outcome)
        good = good and failed == 0
    return outcomes, good


def ask_native(program, label, hooks=""):
    begin = time.monotonic()
    done = subprocess.run([program, "--gtest_color=no", "--gtest_filter=CapabilityBpfTest.*"], stdout=subprocess.PIPE,
                          env={**os.environ, "MINEWARDEN_AGENT_DISABLED_HOOKS": hooks})
    console = done.stdout.decode(errors="replace")
    outcome = Outcome(console)
    if outcome.failed:
        print(console)
    print(f"@ kernel-{label} {outcome.passed} {int(done.returncode != 0)} 0 {time.monotonic() - begin:.0f}")
    return outcome, done.returncode == 0


def table(outcomes):
    """Rows are features, columns kernels; each cell the source, or that it works, or MISSING."""
    names = list(next(iter(outcomes.values())).features)
    lines = ["| feature | " + " | ".join(outcomes) + " |", "|---" * (len(outcomes) + 1) + "|"]
    for name in names:
        cells = []
        for outcome in outcomes.values():
            verdict, source = outcome.features.get(name, ("missing", ""))
            cells.append("MISSING" if verdict != "works" else source or "works")
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def columns(text, wanted):
    """The cells of a table below the wanted headings, row by row."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    if not rows or any(heading not in rows[0] for heading in wanted):
        return None
    return [[row[0]] + [row[rows[0].index(heading)] for heading in wanted] for row in rows if len(row) == len(rows[0])]


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    outcomes, good = {}, True
    # At once: a guest by itself keeps little more than one of two CPUs busy.
    with concurrent.futures.ThreadPoolExecutor(len(SERIES)) as pool:
        runs = list(pool.map(lambda series: run_kernel(series, program), SERIES))
    for series, ran in zip(SERIES, runs):
        both, passed = report(series, ran)
        good = good and passed
        if both and both[0].features:
            outcomes[series] = both[0]
            outcomes[f"{series}, refused"] = both[1]
    emulated = list(outcomes)
    for label, heading, hooks in (("native", "{}", ""), ("native-refused", "{}, refused", REFUSED)):
        native, passed = ask_native(program, label, hooks)
        good = good and passed
        outcomes[heading.format(".".join(native.release.split(".")[:2]))] = native
    text = table(outcomes)
    print("\n" + text)

    document = DOCUMENT.read_text()
    head, rest = document.split(BEGIN)
    committed, tail = rest.split(END)
    if "--write" in sys.argv:
        if len(emulated) != 2 * len(SERIES):
            sys.exit("not every kernel could be run: nothing is written")
        DOCUMENT.write_text(head + BEGIN + text + END + tail)
    elif emulated and columns(text, emulated) != columns(committed, emulated):
        print("docs/kernels.md has another table for these kernels; tests/kernels/run.py --write renews it")
        print("@ kernel-table 0 1 0 0")
        good = False
    elif emulated:
        print("@ kernel-table 1 0 0 0")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
