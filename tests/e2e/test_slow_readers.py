# SPDX-License-Identifier: Apache-2.0
"""Readers of findings that stall or disconnect delay nothing else, and stalled readers lose nothing."""

import contextlib
import fcntl
import json
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time

import pytest

from faults import flood
from host import BIN, SANITIZED, wait_until
from test_stratum import start_pool

SMALLEST_PIPE = 4096  # bytes: less than two findings
FINDINGS = 6  # of one flood: each opens and closes


class Reader:
    """The reading end of a small pipe. Only the test reads it."""

    def __init__(self, end):
        self.end = end
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
        os.set_blocking(end, False)
        self.text = b""

    def read(self):
        """Reads the available bytes. Returns all complete lines so far."""
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self.end, 65536):
                self.text += piece
        return [json.loads(line) for line in self.text.split(b"\n")[:-1]]

    def is_full(self):
        """True if there are bytes, and no more arrive for a second."""
        def waiting():
            return int.from_bytes(fcntl.ioctl(self.end, termios.FIONREAD, bytes(4)), sys.byteorder)
        before = waiting()
        time.sleep(1)
        return before > 0 and waiting() == before

    def close(self):
        if self.end is not None:
            os.close(self.end)
            self.end = None


@pytest.fixture
def readers():
    made = []
    yield made
    for reader in made:
        reader.close()


def versions(findings):
    return sorted((f["id"], f["version"]) for f in findings if f.get("kind") != "visibility")


def run_flood(host, address):
    """Opens and closes findings. Returns when all are stored, independent of readers."""
    load = flood(host, address, FINDINGS)
    load.process.wait(60)
    pids = set(map(int, load.stdout.read_text().split()))
    assert len(pids) == FINDINGS

    def closed():
        found = host.findings(activity="mining.pool.client", state="closed")
        return pids <= {f["subject"]["pid"] for f in found}
    assert wait_until(closed, 30), host.agent.text()


def start_standalone(host, readers):
    """Its stdout is a small pipe."""
    path = host.path("standalone.jsonl")
    os.mkfifo(path)
    readers.append(Reader(os.open(path, os.O_RDONLY | os.O_NONBLOCK)))
    host.start_standalone()
    return readers[-1]


def stored(host):
    return versions(host.findings(current="false"))


def test_standalone_prints_all_findings_to_a_reader_that_stalls_for_a_while(make_host, readers):
    host = make_host(window="2s")
    reader = start_standalone(host, readers)
    address = start_pool(host, "monero")
    run_flood(host, address)
    assert wait_until(lambda: "stdout is not read" in host.agent.text(), 20), host.agent.text()
    run_flood(host, address)
    assert wait_until(lambda: versions(reader.read()) == stored(host), 20)
    assert wait_until(lambda: "stdout takes findings again" in host.agent.text(), 5)


@pytest.mark.parametrize("state", ["read", "stalled", "closed"])
def test_standalone_ends_at_sigterm_in_each_state_of_its_reader(make_host, readers, state):
    host = make_host(window="2s")
    reader = start_standalone(host, readers)
    address = start_pool(host, "monero")
    if state == "closed":
        reader.close()
    run_flood(host, address)
    if state == "read":
        assert wait_until(lambda: versions(reader.read()) == stored(host), 20)
    elif state == "stalled":
        assert wait_until(reader.is_full, 20)
    else:
        assert "stdout is closed" in host.agent.text()
        run_flood(host, address)  # watching continues
    count = len(stored(host))
    took, status = host.agent.stop()
    assert status == 0, host.agent.text()
    assert took < 2 or SANITIZED, took
    said = re.search(r"(\d+) finding versions were stored but not printed", host.agent.text())
    unprinted = int(said[1]) if said else 0
    printed = 0 if state == "closed" else len(reader.read())
    assert printed + unprinted >= count  # the pool's finding may have changed meanwhile
    assert (unprinted > 0) == (state != "read")


@pytest.fixture
def follow(readers):
    """follow(host): `minewarden findings --follow` that prints into a small pipe, and its reader."""
    started = []

    def start(host):
        end, other_end = os.pipe()
        readers.append(Reader(end))
        follower = subprocess.Popen(
            [BIN / "minewarden", "findings", "--follow", "-o", "jsonl", "--socket", host.path("api.sock")],
            stdout=other_end, stderr=subprocess.PIPE)
        os.close(other_end)
        started.append(follower)
        return follower, readers[-1]
    yield start
    for follower in started:
        follower.kill()
        follower.wait()
        follower.stderr.close()


def test_a_follower_with_a_stalled_reader_delays_nothing_and_misses_nothing(fleet, follow):
    stalled, reader = follow(fleet)
    _, other = follow(fleet)
    address = start_pool(fleet, "monero")
    run_flood(fleet, address)
    assert wait_until(reader.is_full, 20)
    run_flood(fleet, address)  # committed, and given to another reader
    assert wait_until(lambda: versions(other.read()) == stored(fleet), 30)
    assert wait_until(lambda: versions(reader.read()) == stored(fleet), 30)
    assert stalled.poll() is None


def test_a_stalled_follower_ends_at_sigterm_and_so_does_the_collector(fleet, follow):
    stalled, reader = follow(fleet)
    _, another = follow(fleet)
    run_flood(fleet, start_pool(fleet, "monero"))
    assert wait_until(reader.is_full, 20)
    assert wait_until(another.is_full, 20)
    stalled.terminate()
    assert stalled.wait(10) == -signal.SIGTERM
    took, status = fleet.collector.stop()
    assert status == 0, fleet.collector.text()
    assert took < 2 or SANITIZED, took


def test_a_follower_without_a_reader_ends(fleet, follow):
    follower, reader = follow(fleet)
    reader.close()
    run_flood(fleet, start_pool(fleet, "monero"))
    assert follower.wait(20) == 69
    assert b"cannot write to stdout: Broken pipe" in follower.stderr.read()


def test_clients_that_do_not_read_delay_neither_others_nor_sigterm(fleet):
    """Connections that request more than their sockets buffer, and never read it."""
    run_flood(fleet, start_pool(fleet, "monero"))
    clients = [fleet.connect() for _ in range(20)]
    request = b"GET /api/v1/findings?current=false HTTP/1.1\r\nHost: x\r\n\r\n"
    for client in clients:
        client.sendall(request * 50)
    assert all(select.select([client], [], [], 20)[0] for client in clients)
    assert fleet.get("/readyz") == b"ready\n"
    run_flood(fleet, start_pool(fleet, "monero"))
    took, status = fleet.collector.stop()
    for client in clients:
        client.close()
    assert status == 0, fleet.collector.text()
    assert took < 2 or SANITIZED, took
