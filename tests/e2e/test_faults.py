# SPDX-License-Identifier: Apache-2.0
"""No loss after kills, full disks, a broken network, a slow collector, damage, a revoked key. Every record
in an agent's outbox is in the store exactly once, or in a reported gap (witness.py)."""

import contextlib
import itertools
import json
import os
import random
import signal
import struct
import subprocess
import time

import pytest

from faults import (SETTLE, WINDOW, drained, fill, flood, fresh_heartbeat, has_all, heartbeat, memory_of, small_disk,
                    spawn_agent, spawn_collector, stop_both, visibility, wait_visible)
from host import BIN, SANITIZED, Daemon, wait_until
from test_stratum import start_pool
from witness import Witness, account, stored


@pytest.fixture
def faulty(make_host):
    """A host with a witness of its outbox; the test starts and stops the daemons."""
    host = make_host(window=WINDOW)
    host.set_up()
    host.witness = Witness(host)
    yield host
    host.witness.stop()


# --- kills


def kill_at_random(host, seconds, seed):
    print(f"seed {seed}: run again with MW_SEED={seed}")
    chance = random.Random(seed)
    address = start_pool(host, "monero")
    host.start_collector()
    host.start_agent()
    end = time.monotonic() + seconds
    kills = {"agent": 0, "collector": 0}
    load = None
    while time.monotonic() < end:
        if load is None or not load.is_alive():
            load = flood(host, address, chance.randint(5, 60))
        # Often just after a start, when outbox and store are opened.
        time.sleep(chance.choice([chance.uniform(0, 0.4), chance.uniform(0.5, 4)]))
        for name in chance.choice([["agent"], ["collector"], ["agent", "collector"]]):
            daemon = getattr(host, name)
            daemon.signal(signal.SIGKILL)
            daemon.kill()
            kills[name] += 1
        time.sleep(chance.uniform(0, 0.5))
        if not host.collector.is_alive():
            spawn_collector(host)
        if not host.agent.is_alive():
            spawn_agent(host)
    load.process.wait(60)
    # A load without kills, so that there is always something to count.
    assert wait_until(lambda: host.try_get("/readyz"), 20), host.collector.text()
    assert wait_until(fresh_heartbeat(host), 20)
    time.sleep(1)
    flood(host, address, 10).process.wait(60)
    drained(host)
    stop_both(host)
    findings, missing = account(host, host.witness)
    print(f"{kills} kills, {len(findings)} versions, {len(missing)} torn")
    # A kill can tear the record that is being written: it was not committed.
    committed = host.witness.committed()
    assert not missing & set(committed)
    versions = {}
    for _, finding, version in findings:
        versions.setdefault(finding, []).append(version)
    for finding, numbers in versions.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)) or missing, (finding, numbers)
    return kills, findings


def seed():
    return int(os.environ.get("MW_SEED", random.SystemRandom().randint(0, 10**6)))


def test_killed_at_random_every_committed_record_arrives_exactly_once(faulty):
    kills, findings = kill_at_random(faulty, 14, seed())
    assert sum(kills.values()) >= 5
    assert len(findings) >= 20


@pytest.mark.long
def test_killed_at_random_for_ten_minutes(faulty):
    kills, findings = kill_at_random(faulty, 600, seed())
    assert sum(kills.values()) >= 150
    assert len(findings) >= 1000


# --- silence


def test_a_silent_agent_is_a_visibility_record_until_it_is_heard_again(faulty):
    host = faulty
    host.start_collector()
    host.start_agent()
    assert wait_until(lambda: heartbeat(host), 10)
    assert visibility(host, state="open") == []
    host.agent.signal(signal.SIGSTOP)
    stopped_at = time.monotonic()
    silent = wait_visible(host, 15, reason="silent", state="open")
    assert silent and time.monotonic() - stopped_at >= 2, "three heartbeats of one second"
    assert silent["agent"]["name"] == "test-host" and silent["until"] is None
    socket = ("--socket", host.path("api.sock"))
    table = host.run("findings", *socket).stdout
    assert "no findings" in table and "! test-host  since " in table and "silent" in table
    assert "失联" in host.run("findings", "--lang", "zh", *socket).stdout
    rows = json.loads(host.run("findings", "-o", "json", *socket).stdout)
    assert [r["reason"] for r in rows if r.get("kind") == "visibility"] == ["silent"]
    line = host.run("findings", "-o", "jsonl", *socket).stdout.splitlines()[-1]
    assert json.loads(line)["kind"] == "visibility"
    header, row = host.run("findings", "-o", "csv", *socket).stdout.splitlines()[-2:]
    assert len(row.split(",")) == len(header.split(","))
    assert dict(zip(header.split(","), row.split(",")))["reason"] == "silent"
    marked = host.run("findings", "-o", "csv", "--bom", *socket).stdout
    assert marked.startswith("\ufeffid,version,")
    assert host.run("findings", "--bom", *socket, check=False).returncode == 64
    failed = host.run("findings", "-o", "csv", "--bom", "--socket", "/nowhere", check=False)
    assert failed.returncode == 69 and failed.stdout == ""
    assert "! test-host" in host.run("status", *socket).stdout
    assert [r["reason"] for r in json.loads(host.run("status", "-o", "json", *socket).stdout)["visibility"]
            if r["state"] == "open"] == ["silent"]

    # The record outlives the collector, and the agent stays silent until it returns.
    host.collector.kill()
    host.start_collector()
    assert [r["reason"] for r in visibility(host, state="open")] == ["silent"]
    assert visibility(host, state="open")[0]["since"] == silent["since"]
    host.agent.signal(signal.SIGCONT)
    closed = wait_visible(host, 30, reason="silent", state="closed")
    assert closed and closed["ended_by"] == "heard" and closed["until"] > closed["since"]

    # A stopped agent is not silent.
    host.agent.stop()
    assert wait_visible(host, 5, reason="stopped", state="open")
    time.sleep(3.5)
    assert [r["reason"] for r in visibility(host, state="open")] == ["stopped"]
    assert "was shut down" in host.run("status", *socket).stdout
    host.start_agent()
    assert wait_visible(host, 10, reason="stopped", state="closed")["ended_by"] == "heard"
    assert visibility(host, state="open") == []

    # An agent that ends while the collector is away is silent after its restart.
    host.collector.kill()
    host.agent.kill()
    host.start_collector()
    assert wait_visible(host, 15, reason="silent", state="open")

    # After its key is revoked, it is not watched any more.
    host.run("keys", "revoke", "test-host", "--enrolled", host.path("enrolled"))
    assert wait_until(lambda: visibility(host, state="open") == [], 10, 0.2)
    assert visibility(host)[0]["ended_by"] == "revoked"


# --- full disks


def test_a_full_disk_under_the_outbox_loses_only_reported_records(make_host):
    host = make_host(window=WINDOW)
    host.set_up()
    with small_disk(host.path("state"), 16) as disk:
        host.witness = Witness(host)
        try:
            host.start_collector()
            host.start_agent()
            address = start_pool(host, "monero")
            loads = [flood(host, address, 5)]
            loads[0].process.wait(60)
            drained(host)
            filler = fill(disk)
            loads.append(flood(host, address, 25))
            loads[1].process.wait(60)
            assert wait_until(lambda: "records wait in memory" in host.agent.text(), 10)
            filler.unlink()
            drained(host)
            # They waited in memory and were sent later; nothing is missing.
            assert wait_until(lambda: has_all(host, *loads), 10)
            assert not [g for g in host.get("/api/v1/gaps")["gaps"] if g["place"] in ("agent", "stream")]

            # A kill while they wait loses them; the next start reports the number.
            filler = fill(disk)
            flood(host, address, 10).process.wait(60)
            time.sleep(SETTLE)
            host.agent.kill()
            spawn_agent(host)  # starts on the full disk and waits for space
            time.sleep(2)
            assert host.agent.is_alive(), host.agent.text()
            filler.unlink()
            told = wait_until(lambda: [g for g in host.get("/api/v1/gaps")["gaps"] if g["place"] == "agent"], 20)
            assert told and told[0]["lost"] >= 10, told
            flood(host, address, 3).process.wait(60)
            drained(host)
            stop_both(host)
            account(host, host.witness)
        finally:
            host.witness.stop()
            host.stop_all()


def test_a_full_disk_under_the_store_acknowledges_nothing_and_loses_nothing(faulty):
    host = faulty
    host.write_config(heartbeat="3s")  # so that the agent is not silent on a busy machine
    with small_disk(host.path("store"), 24) as disk:
        config = host.path("minewarden.yaml")
        config.write_text(config.read_text().replace("/collector.sqlite", "/store/collector.sqlite"))
        try:
            host.start_collector()
            host.start_agent()
            address = start_pool(host, "monero")
            loads = [flood(host, address, 5)]
            loads[0].process.wait(60)
            drained(host)
            filler = fill(disk)
            loads.append(flood(host, address, 30))
            loads[1].process.wait(60)
            assert wait_until(lambda: not host.get("/api/v1/status")["intake"]["storing"], 15)
            assert "nothing is acknowledged" in host.collector.text()
            time.sleep(4)
            # Records only in memory must not be acknowledged.
            host.collector.kill()
            filler.unlink()
            host.start_collector()
            drained(host)
            assert wait_until(lambda: has_all(host, *loads), 10)
            assert [r for r in visibility(host) if r["reason"] == "silent"] == []
            stop_both(host)
            host.path("collector.sqlite").symlink_to(disk / "collector.sqlite")
            _, missing = account(host, host.witness)
            assert not missing
        finally:
            host.stop_all()


# --- network


def cut_network(host, seconds):
    name = f"mw{os.getpid() % 100000}"
    net = ["ip", "netns", "exec", name]
    address = "tcp://10.213.77.2:7410"
    run = lambda *a: subprocess.run(list(map(str, a)), check=True)  # noqa: E731
    run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
        run("ip", "addr", "add", "10.213.77.1/30", "dev", f"{name}a")
        run("ip", "link", "set", f"{name}a", "up")
        run(*net, "ip", "link", "set", "lo", "up")  # for the collector's self-test
        run(*net, "ip", "addr", "add", "10.213.77.2/30", "dev", f"{name}b")
        run(*net, "ip", "link", "set", f"{name}b", "up")
        config = host.path("minewarden.yaml")
        config.write_text(config.read_text().replace(f"ipc://{host.directory}/intake.sock", address))
        host.collector = Daemon(["nsenter", f"--net=/run/netns/{name}", BIN / "minewarden-collector",
                                 "--config", config], host.path("collector.log"))
        host.keep_daemon(host.collector)
        assert wait_until(lambda: host.try_get("/readyz"), 15), host.collector.text()
        host.start_agent()
        pool = start_pool(host, "monero")
        drained(host)
        run("ip", "link", "set", f"{name}a", "down")
        begun = time.monotonic()
        assert wait_visible(host, 15, reason="silent", state="open")
        load = flood(host, pool, 30)
        load.process.wait(60)
        time.sleep(max(0, seconds - (time.monotonic() - begun)))
        assert host.findings(activity="mining.pool.client") == []
        run("ip", "link", "set", f"{name}a", "up")
        drained(host, 90)
        assert wait_until(lambda: has_all(host, load), 10)
        assert wait_visible(host, 20, reason="silent", state="closed")["ended_by"] == "heard"
        stop_both(host)
        _, missing = account(host, host.witness)
        assert not missing
    finally:
        host.stop_all()
        run("ip", "netns", "del", name)


def test_a_broken_network_delays_and_does_not_lose_records(faulty):
    cut_network(faulty, 8)


@pytest.mark.long
def test_a_network_broken_for_a_minute_does_not_lose_records(faulty):
    cut_network(faulty, 60)


# --- back-pressure


def throttle(host, count, limit):
    """A collector that runs a tenth of the time, then not at all, under a flood."""
    host.write_config(outbox_limit=limit)
    host.start_collector()
    host.start_agent()
    pool = start_pool(host, "monero")
    outbox = host.path("state/outbox")
    most = {"disk": 0, "agent": 0, "collector": 0}
    load = flood(host, pool, count, 24)
    phase = itertools.count()
    while load.is_alive():
        # During the last two thirds of the load the collector is stopped.
        going = next(phase) < 20
        host.collector.signal_all(signal.SIGCONT if going else signal.SIGSTOP)
        time.sleep(0.02)
        host.collector.signal_all(signal.SIGSTOP)
        time.sleep(0.18)
        with contextlib.suppress(FileNotFoundError):
            most["disk"] = max(most["disk"], sum(f.stat().st_size for f in outbox.glob("*.log")))
        most["agent"] = max(most["agent"], memory_of(host.agent))
        most["collector"] = max(most["collector"], memory_of(host.collector))
    time.sleep(3)
    host.collector.signal_all(signal.SIGCONT)
    drained(host, 90)
    most["collector"] = max(most["collector"], memory_of(host.collector))
    stop_both(host)
    return most


def test_a_slow_collector_under_a_flood_is_bounded_and_drops_are_counted(faulty):
    most = throttle(faulty, 900, "1M")
    findings, missing = account(faulty, faulty.witness)
    print(most, len(findings), len(missing))
    assert missing, "the flood was too small to overflow the outbox"
    assert most["disk"] <= (1 << 20) + (1 << 20), most  # the limit, and the current segment
    assert SANITIZED or most["agent"] < 96 << 20, most
    assert SANITIZED or most["collector"] < 160 << 20, most
    # Dropped records had been committed: their sequences are known and counted.
    assert missing <= set(faulty.witness.committed())


# --- damage


def newest_segment(host):
    return sorted(host.path("state/outbox").glob("*.log"))[-1]


def fill_outbox(host, count):
    """Writes records that no collector has. Returns the previous length of the segment."""
    host.write_config(outbox_limit="8M")
    host.start_collector()
    host.start_agent()
    pool = start_pool(host, "monero")
    drained(host)
    host.collector.stop()
    sent = newest_segment(host).stat().st_size
    flood(host, pool, count, 16).process.wait(90)
    time.sleep(SETTLE)
    return sent


def damage(path, begin):
    """Flips a byte in the middle one of the records after `begin`."""
    with open(path, "r+b") as file:
        content = file.read()
        payloads = []
        while begin + 16 <= len(content):
            _, length, _ = struct.unpack_from("<IIQ", content, begin)
            payloads.append((begin + 16, length))
            begin += 16 + length
        assert len(payloads) >= 3
        at, length = payloads[len(payloads) // 2]
        at += length // 2
        file.seek(at)
        file.write(bytes([content[at] ^ 0x20]))


def test_a_damaged_outbox_sends_valid_records_and_reports_the_rest(faulty):
    """A flipped byte while the agent runs; another one and a torn end while it is stopped."""
    host = faulty
    sent = fill_outbox(host, 12)
    # The witness has hard links to the same files: it reads the valid records before the damage.
    before = host.witness.committed()
    damage(newest_segment(host), sent)
    host.start_collector()
    drained(host)  # while it runs
    host.collector.stop()
    sent = newest_segment(host).stat().st_size
    flood(host, start_pool(host, "monero"), 10).process.wait(60)
    time.sleep(SETTLE)
    before |= host.witness.committed() | dict(before)
    last = newest_segment(host)
    host.agent.kill()
    damage(last, sent)
    os.truncate(last, last.stat().st_size - 3)
    host.start_collector()
    host.start_agent()
    flood(host, start_pool(host, "monero"), 3).process.wait(60)
    drained(host)
    stop_both(host)
    findings, position, gaps = stored(host)
    in_store = {sequence for sequence, _, _ in findings}
    missing = {n for place, _, first, end in gaps if place == "stream" for n in range(first, end + 1)}
    assert len(missing) == 3, gaps
    wanted = {s for s, kept in before.items() if kept[0] == "finding"}
    assert wanted <= in_store | missing, sorted(wanted - in_store - missing)
    assert len(findings) == len(in_store)
    assert not missing & in_store


@pytest.mark.long
def test_a_missing_segment_is_a_gap_and_the_others_arrive(faulty):
    host = faulty
    fill_outbox(host, 3)
    outbox = host.path("state/outbox")
    segments = sorted(outbox.glob("*.log"))
    pool = start_pool(host, "monero")
    for _ in range(2):  # each start of the agent begins a segment
        host.agent.stop()
        spawn_agent(host)
        assert wait_until(lambda: len(list(outbox.glob("*.log"))) > len(segments), 10)
        flood(host, pool, 3).process.wait(60)
        time.sleep(SETTLE)
        segments = sorted(outbox.glob("*.log"))
    host.agent.stop()
    assert len(segments) >= 3
    segments[1].unlink()
    segments[-1].unlink()  # the newest: its sequences must not be reused
    host.start_collector()
    host.start_agent()
    flood(host, start_pool(host, "monero"), 3).process.wait(60)
    drained(host)
    stop_both(host)
    findings, missing = account(host, host.witness)
    assert missing and missing <= set(host.witness.committed())


# --- keys


def test_a_connected_agent_with_a_revoked_key_is_disconnected_and_others_are_not(faulty):
    host = faulty
    host.start_collector()
    host.start_agent()
    host.run("keys", "generate", host.path("other.key"))
    host.run("keys", "enroll", host.path("other.pub"), "--name", "other-host", "--enrolled",
             host.path("enrolled"))
    other = host.spawn([BIN / "minewarden-agent", "--config", host.path("minewarden.yaml"), "-o",
                        f"agent.key={host.path('other.key')}", "-o",
                        f"state.dir={host.path('other-state')}"])
    assert wait_until(lambda: len(host.get("/api/v1/agents")["agents"]) == 2, 15)
    pool = start_pool(host, "monero")

    def agents_with_findings(**query):
        return {f["agent"]["name"] for f in host.findings(activity="mining.pool.client", **query)}
    flood(host, pool, 3).process.wait(60)
    assert wait_until(lambda: {"test-host", "other-host"} <= agents_with_findings(), 15)
    host.run("keys", "revoke", "test-host", "--enrolled", host.path("enrolled"))
    assert wait_until(lambda: "the key is not enrolled any more" in host.agent.text(), 5), "not promptly"
    after = host.get("/api/v1/findings")["after"]
    load = flood(host, pool, 5)
    load.process.wait(60)
    pids = {int(line) for line in load.stdout.read_text().split()}

    def seen_by(name):
        mine = host.findings(activity="mining.pool.client", agent=name)
        return pids <= {f["subject"]["pid"] for f in mine}
    assert wait_until(lambda: seen_by("other-host"), 20, 0.5)
    late = host.get("/api/v1/findings", after=after, limit=1000, current="false")["findings"]
    assert late and {f["agent"]["name"] for f in late} == {"other-host"}
    host.run("keys", "enroll", host.path("agent.pub"), "--name", "test-host", "--enrolled",
             host.path("enrolled"))

    assert wait_until(lambda: seen_by("test-host"), 30, 0.5), host.agent.text()
    other.stop()
    assert [g for g in host.get("/api/v1/gaps")["gaps"] if g["place"] in ("stream", "intake")] == []
