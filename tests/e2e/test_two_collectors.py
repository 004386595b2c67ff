# SPDX-License-Identifier: Apache-2.0
"""Two collectors over one PostgreSQL database. Agents may change between them at any time: after any restarts,
each record is stored exactly once, or in a reported gap."""

import os
import random
import signal
import time

import pytest

from cutter import Cutter
from faults import SETTLE, WINDOW, flood, spawn_collector
from host import free_ports, wait_until
from postgres import Postgres, stored
from test_stratum import start_pool
from witness import Witness, account

AGENTS = 3


class Fleet:
    """Collectors and agents, each a Host of its own; agents reach collectors through cutters."""

    def __init__(self, make_host):
        self.postgres = Postgres()
        self.postgres.client("createdb", "fleet")
        self.ports = free_ports(2)
        self.collectors = [make_host(window=WINDOW) for _ in self.ports]
        self.agents = [make_host(window=WINDOW) for _ in range(AGENTS)]
        first = self.collectors[0]
        first.run("keys", "generate", first.path("collector.key"))
        for host, port in zip(self.collectors, self.ports):
            host.collector_settings = {
                "listen": f"tcp://127.0.0.1:{port}", "key": str(first.path("collector.key")),
                "enrolled": str(first.path("enrolled")), "database": self.postgres.uri("fleet")}
            host.write_config()
        for number, host in enumerate(self.agents):
            host.run("keys", "generate", host.path("agent.key"))
            host.run("keys", "enroll", host.path("agent.pub"), "--name", f"agent-{number}", "--enrolled",
                     first.path("enrolled"))
            host.cutters = [Cutter(port) for port in self.ports]
            endpoints = [cutter.endpoint for cutter in host.cutters]
            host.write_config(collector=endpoints[number % 2:] + endpoints[:number % 2],
                              collector_key=str(first.path("collector.pub")), name=f"agent-{number}")
            host.witness = Witness(host)

    def start(self):
        for host in self.collectors:
            host.start_collector()
        for host in self.agents:
            host.start_agent()

    def is_ready(self):
        return all(host.try_get("/readyz") for host in self.collectors)

    def heartbeats(self):
        """By the name of the agent, from the second collector."""
        agents = (self.collectors[1].try_get("/api/v1/agents") or {}).get("agents", [])
        return {agent["name"]: agent["heartbeat"] for agent in agents if agent["heartbeat"]}

    def wait_drained(self, seconds):
        """Waits until all records of the agents are acknowledged, including those of the next window."""
        for _ in range(2):
            before = self.heartbeats()

            def done():
                now = self.heartbeats()
                return len(now) == AGENTS and all(
                    beat["outbox_records"] == 0 and beat["received_at"] != before.get(name, {}).get("received_at")
                    for name, beat in now.items())
            assert wait_until(done, seconds, 0.5), (self.heartbeats(), [a.agent.text()[-2000:] for a in self.agents])
            time.sleep(SETTLE)

    def end(self):
        for host in self.agents:
            host.witness.stop()
            for cutter in host.cutters:
                cutter.close()
        for host in self.agents + self.collectors:
            host.stop_all()
        self.postgres.run("stop")


@pytest.fixture
def fleet(make_host):
    fleet = Fleet(make_host)
    try:
        yield fleet
    finally:
        fleet.end()


def collectors_of(host):
    """The endpoints that an agent was connected to, in order."""
    return [line.rsplit(" ", 1)[1] for line in host.agent.text().splitlines() if "uplink: connected to" in line]


def kill_collector(host, chance):
    host.collector.signal(signal.SIGKILL)
    host.collector.kill()
    time.sleep(chance.uniform(0, 1.5))
    spawn_collector(host)


DISTURBANCES = ["collector", "collector", "cut", "cut", "database", "both"]


def disturb(fleet, what, chance):
    if what == "collector":
        kill_collector(chance.choice(fleet.collectors), chance)
    elif what == "cut":
        for host in chance.sample(fleet.agents, chance.randint(1, AGENTS)):
            for cutter in host.cutters:
                cutter.cut()
    elif what == "database":
        if chance.random() < 0.5:
            fleet.postgres.run("restart")
        else:
            fleet.postgres.run("kill")
            time.sleep(chance.uniform(0, 1))
            fleet.postgres.run("begin")
    else:
        fleet.postgres.run("kill")
        kill_collector(chance.choice(fleet.collectors), chance)
        fleet.postgres.run("begin")


def change_at_random(fleet, rounds):
    """Each round has all disturbances, in its own order."""
    seed = int(os.environ.get("MW_SEED", random.SystemRandom().randint(0, 10**6)))
    print(f"seed {seed}: run again with MW_SEED={seed}")
    chance = random.Random(seed)
    fleet.start()
    address = start_pool(fleet.agents[0], "monero")
    load = None
    for _ in range(rounds):
        for what in chance.sample(DISTURBANCES, len(DISTURBANCES)):
            if load is None or not load.is_alive():
                load = flood(fleet.agents[0], address, chance.randint(5, 40))
            time.sleep(chance.uniform(0.2, 2.5))
            disturb(fleet, what, chance)
    load.process.wait(60)
    assert wait_until(fleet.is_ready, 30), [c.collector.text()[-3000:] for c in fleet.collectors]
    # A load without disturbances, so that there is always something to count.
    flood(fleet.agents[0], address, 10).process.wait(60)
    fleet.wait_drained(90)
    for host in fleet.agents:
        host.agent.stop()
    for host in fleet.collectors:
        host.collector.stop()
    changes = 0
    for number, host in enumerate(fleet.agents):
        host.witness.stop()
        findings, missing = account(host, host.witness, stored(fleet.postgres, "fleet", f"agent-{number}"))
        assert not missing, missing  # agents and their disks were not disturbed
        assert len(findings) >= 20
        order = collectors_of(host)
        changes += sum(1 for one, other in zip(order, order[1:]) if one != other)
        print(f"agent-{number}: {len(findings)} versions, connected {len(order)} times")
    print(f"{changes} changes of the collector")
    return changes


def test_agents_change_between_two_collectors_without_loss_or_double(fleet):
    assert change_at_random(fleet, 1) >= 1


@pytest.mark.long
def test_agents_change_between_two_collectors_many_times(fleet):
    assert change_at_random(fleet, 40) >= 40


def test_an_agent_that_changes_its_collector_is_not_silent(fleet):
    fleet.start()
    fleet.wait_drained(30)
    moved = fleet.agents[0]
    before = collectors_of(moved)
    first = fleet.collectors[0 if before[-1] == moved.cutters[0].endpoint else 1]
    first.collector.signal(signal.SIGKILL)
    first.collector.kill()
    assert wait_until(lambda: len(collectors_of(moved)) > len(before), 10), moved.agent.text()
    assert collectors_of(moved)[-1] != before[-1]
    other = fleet.collectors[1] if first is fleet.collectors[0] else fleet.collectors[0]
    time.sleep(5)  # more than three heartbeats
    assert [r for r in other.get("/api/v1/visibility")["visibility"] if r["reason"] == "silent"] == []
    # The remaining collector also detects silence of the other one's agent.
    moved.agent.signal(signal.SIGSTOP)
    try:
        def silent():
            records = other.get("/api/v1/visibility", state="open")["visibility"]
            return [r for r in records if r["reason"] == "silent" and r["agent"]["name"] == "agent-0"]
        assert wait_until(silent, 20)
    finally:
        moved.agent.signal(signal.SIGCONT)
    first.start_collector()
