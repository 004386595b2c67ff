# SPDX-License-Identifier: Apache-2.0
"""RandomX by workers none of which lives long enough to be judged for itself, and honest programs that
replace their workers as well. Windows of two seconds.

The rule and the sampling were developed on threads of 3 s. Held out, run for the first time when both
stood: threads of 0.3 s, forks of 1 s, the chain of forks, verification with a thread per burst."""

import os
import signal
import time

import pytest

from host import BIN

FORMS = {
    "threads-of-3s": ["--replace-workers", "3"],
    "threads-of-0.3s": ["--replace-workers", "0.3"],
    "forks-of-1s": ["--fork-batches", "1"],
}

# Rounds up, down and to nearest in a fork of its own each second: Boost.Interval's work in Python's
# ctypes would not be faster than this loop, which spends its time in the mode that it sets.
INTERVAL_FORKS = """
import ctypes, os, time
libm = ctypes.CDLL("libm.so.6")
end = time.monotonic() + {seconds}
mode = 0
while time.monotonic() < end:
    mode += 1
    child = os.fork()
    if child == 0:
        libm.fesetround([0x400, 0x800][mode % 2])
        stop = time.monotonic() + 1
        x = 1.0
        while time.monotonic() < stop:
            for _ in range(10000): x = 1.0 / (1.0 + x)
        os._exit(0)
    os.waitpid(child, 0)
"""


def worker_evidence(finding):
    return [e for e in finding["evidence"] if e["rule"] == "randomx.workers"]


@pytest.mark.parametrize("form", FORMS)
def test_short_lived_workers_are_found(fleet, form):
    worker = fleet.lab("randomx", "--seconds", 60, *FORMS[form])
    worker.wait_for("hashing_started", 30)
    begun = time.monotonic()
    finding = fleet.wait_for_finding(worker.pid, "mining.pow.cpu", 45)
    assert finding, fleet.findings()
    print(f"{form}: found {time.monotonic() - begun:.1f} s after the first hash")
    assert finding["certainty"] == "probable"
    assert worker_evidence(finding), finding["evidence"]


def test_a_chain_of_forks_is_found_under_its_first_process(fleet):
    worker = fleet.lab("randomx", "--seconds", 45, "--fork-batches", "1", "--chain")
    worker.wait_for("hashing_started", 30)
    begun = time.monotonic()
    try:
        finding = fleet.wait_for_finding(worker.pid, "mining.pow.cpu", 40)
        assert finding, fleet.findings()
        assert not worker.is_alive()  # the process that the finding names ended long ago
        print(f"chain: found {time.monotonic() - begun:.1f} s after the first hash")
        assert worker_evidence(finding)
    finally:
        for _ in range(20):  # whoever hashes now is the one that started last
            last = worker.events("hashing_started")[-1]["pid"]
            try:
                os.kill(last, signal.SIGTERM)
                time.sleep(0.1)
            except ProcessLookupError:
                break


HONEST = {
    "verify-thread-per-burst": lambda: [BIN / "minewarden-lab", "verify", "--new-threads",
                                        "--interval", "3", "--burst", "5", "--seconds", 24],
    "rounding-forks": lambda: ["python3", "-c", INTERVAL_FORKS.format(seconds=24)],
}


@pytest.mark.parametrize("program", HONEST)
def test_honest_short_lived_workers_are_left_alone(fleet, program):
    child = fleet.spawn(HONEST[program]())
    time.sleep(22)
    assert child.is_alive(), child.text()
    accused = [f for f in fleet.findings(activity="mining", current="false")
               if f["certainty"] != "suspected"]
    assert accused == [], accused
