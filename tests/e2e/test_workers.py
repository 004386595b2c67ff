# SPDX-License-Identifier: Apache-2.0
"""RandomX by workers none of which lives long enough to be judged for itself, honest programs that
replace their workers as well, and for how long syscalls are counted. Windows of 2 s.

Rule and sampling were developed on threads of 3 s. Held out, run for the first time when both stood:
threads of 0.3 s, forks of 1 s, the chain of forks, verification with a thread per burst."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import time

import pytest

from host import BIN

pytestmark = pytest.mark.lab

# Rounds down or up, in a fork for each second of work.
ROUNDING_FORKS = """
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


def rules_of(finding):
    return {evidence["rule"]: evidence for evidence in finding["evidence"]}


def expect_found(host, worker, seconds, begun, *certainty):
    finding = host.wait_for_finding(worker.pid, "mining.pow.cpu", seconds, certainty=certainty)
    assert finding, (host.findings(), worker.events())
    print(f"{worker.process.args[4:]}: {finding['certainty']} {time.monotonic() - begun:.1f} s after the first hash")
    assert "randomx.workers" in rules_of(finding), rules_of(finding)
    return finding


def syscall_links():
    """Attachments of the syscall program on this kernel."""
    programs = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True,
                                         check=True, text=True).stdout)
    links = json.loads(subprocess.run(["bpftool", "-j", "link", "show"], capture_output=True,
                                      check=True, text=True).stdout)
    ours = {program["id"] for program in programs if program.get("name") == "on_syscall"}
    assert ours, "the program is not loaded"
    return sum(link.get("prog_id") in ours for link in links)


def end_chain(worker):
    """The process that hashes now is the last one started."""
    for _ in range(20):
        last = worker.events("hashing_started")[-1]["pid"]
        try:
            os.kill(last, signal.SIGTERM)
            time.sleep(0.1)
        except ProcessLookupError:
            break


def longest_attached(looks):
    """The longest time in seconds in which every look saw an attachment."""
    rows = [[at for at, _ in row] for seen, row in itertools.groupby(looks, lambda look: look[1]) if seen]
    return max((row[-1] - row[0] for row in rows), default=None)


def test_replaced_threads_and_forks_are_found_and_counting_stays_short(fleet):
    assert syscall_links() == 0
    threads = fleet.lab("randomx", "--seconds", 60, "--replace-workers", "3")
    forks = fleet.lab("randomx", "--seconds", 60, "--fork-batches", "1")
    for worker in (threads, forks):
        worker.wait_for("hashing_started", 30)
    begun = time.monotonic()
    # Syscalls are counted of the process that the finding names. Yields of its threads make it probable
    # if the calls that replace them are less than one in ten.
    expect_found(fleet, threads, 40, begun, "suspected", "probable")
    expect_found(fleet, forks, 40, begun, "suspected")
    # Syscalls of both may be counted now: for one second at a time, ten seconds apart.
    looks = []
    while len(looks) < 10 or looks[-1][0] - looks[0][0] < 11.5:
        looks.append((time.monotonic(), syscall_links() != 0))
        time.sleep(0.3)
    longest = longest_attached(looks)
    assert longest is not None, "nothing was counted"
    assert longest < 2.5, looks


def test_brief_threads_and_a_chain_of_forks_are_found_without_counting_syscalls(make_host):
    host = make_host(window="2s")
    host.set_up()
    host.start_collector()
    host.start_agent("-o", "agent.syscall_sampling=off")
    threads = host.lab("randomx", "--seconds", 60, "--replace-workers", "0.3")
    chain = host.lab("randomx", "--seconds", 50, "--fork-batches", "1", "--chain")
    try:
        for worker in (threads, chain):
            worker.wait_for("hashing_started", 30)
        begun = time.monotonic()
        expect_found(host, threads, 40, begun, "suspected")
        expect_found(host, chain, 40, begun, "suspected")
        assert not chain.is_alive()  # the process that the finding names ended long ago
        time.sleep(4)
        for worker in (threads, chain):
            finding = host.finding_of(worker.pid, "mining.pow.cpu")
            assert not [rule for rule in rules_of(finding) if rule.startswith("syscalls.")]
    finally:
        with contextlib.suppress(IndexError):
            end_chain(chain)


def test_honest_short_lived_workers_are_left_alone(fleet):
    programs = [
        fleet.spawn([BIN / "minewarden-lab", "verify", "--new-threads", "--interval", "3",
                     "--burst", "5", "--seconds", 30]),
        fleet.spawn(["python3", "-c", ROUNDING_FORKS.format(seconds=30)]),
    ]
    time.sleep(15)  # the rules look back for five windows
    assert all(child.is_alive() for child in programs), [child.text() for child in programs]
    assert fleet.watched(6)
    # Clients of pools run beside this test; these programs only compute.
    accused = [f for f in fleet.findings(activity="mining.pow", current="false")
               if f["certainty"] != "suspected"]
    assert accused == [], accused
