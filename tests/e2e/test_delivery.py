# SPDX-License-Identifier: Apache-2.0
"""At least once on the wire, exactly once in the store; unknown and revoked keys."""

import signal
import time

from host import BIN, wait_until
from test_stratum import start_pool


def test_findings_survive_a_collector_killed_in_a_burst_exactly_once(fleet):
    address = start_pool(fleet, "bitcoin")
    clients = []
    for round_number in range(6):
        for _ in range(8):
            clients.append(fleet.lab("client", "--dialect", "bitcoin", "--pool", address, "--seconds", 4))
        time.sleep(0.25 + 0.1 * round_number)  # at another point of the burst each time
        fleet.collector.signal(signal.SIGKILL)
        fleet.collector.kill()
        time.sleep(0.2)
        fleet.start_collector()
    for client in clients:
        client.wait_for("finished", 30)

    def all_closed():
        found = fleet.findings(activity="mining.pool.client")
        wanted = {c.pid for c in clients}
        closed = {f["subject"]["pid"] for f in found if f["state"] == "closed"}
        return wanted <= closed
    assert wait_until(all_closed, 40), "some findings never arrived"

    versions = fleet.findings(current="false")
    keys = [(f["id"], f["version"]) for f in versions]
    assert len(keys) == len(set(keys)), "a version was stored twice"
    by_id = {}
    for finding_id, version in keys:
        by_id.setdefault(finding_id, []).append(version)
    for finding_id, numbers in by_id.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), (finding_id, numbers)
    assert len({f["subject"]["pid"] for f in versions} & {c.pid for c in clients}) == len(clients)
    gaps = [g for g in fleet.get("/api/v1/gaps")["gaps"] if g["place"] in ("stream", "intake")]
    assert gaps == []


def test_findings_during_an_outage_of_the_collector_arrive_later(fleet):
    address = start_pool(fleet, "monero")
    fleet.collector.stop()
    client = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 3)
    client.wait_for("finished", 20)
    time.sleep(1)
    fleet.start_collector()
    closed = fleet.wait_for_finding(client.pid, "mining.pool.client", 15, state="closed")
    assert closed
    assert closed["agent"]["name"] == "test-host"


def test_an_agent_killed_in_a_burst_loses_nothing_it_had_committed_to_disk(fleet):
    address = start_pool(fleet, "monero")
    fleet.collector.stop()  # so that everything waits in the outbox
    clients = [fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 20)
               for _ in range(10)]
    for client in clients:
        client.wait_for("logged_in")
    time.sleep(2.5)  # a client is found a second after its first job
    fleet.agent.signal(signal.SIGKILL)
    fleet.agent.kill()
    fleet.start_collector()
    fleet.start_agent()
    for client in clients:
        assert fleet.wait_for_finding(client.pid, "mining.pool.client", 15, state="open"), client.pid


def test_an_unknown_key_is_refused_and_a_revoked_one_disconnected(fleet):
    assert "unknown key" in fleet.collector.text()  # the self-test at start-up says so
    status = fleet.get("/api/v1/status")
    refused = status["intake"]["handshakes_refused"]
    address = start_pool(fleet, "monero")

    fleet.run("keys", "generate", fleet.path("stranger.key"))
    stranger = fleet.spawn([BIN / "minewarden-agent", "--config", fleet.path("minewarden.yaml"), "-o",
                            f"agent.key={fleet.path('stranger.key')}", "-o",
                            f"state.dir={fleet.path('stranger-state')}"])
    assert wait_until(lambda: fleet.get("/api/v1/status")["intake"]["handshakes_refused"] > refused, 10)
    assert len(fleet.get("/api/v1/agents")["agents"]) == 1
    stranger.stop()

    fleet.run("keys", "revoke", "test-host", "--enrolled", fleet.path("enrolled"))
    time.sleep(1.5)
    client = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 6)
    client.wait_for("logged_in")
    time.sleep(3)
    assert fleet.finding_of(client.pid, "mining.pool.client") is None
    fleet.run("keys", "enroll", fleet.path("agent.pub"), "--name", "test-host", "--enrolled",
              fleet.path("enrolled"))
    assert fleet.wait_for_finding(client.pid, "mining.pool.client", 20, state="closed")


def test_an_agent_that_is_enrolled_later_connects_by_itself(make_host):
    host = make_host(window="2s")
    host.set_up()
    host.run("keys", "revoke", "test-host", "--enrolled", host.path("enrolled"))
    host.start_collector()
    host.agent = host.spawn([BIN / "minewarden-agent", "--config", host.path("minewarden.yaml")])
    assert wait_until(lambda: "is not enrolled" in host.collector.text(), 10), "it was not refused"
    assert wait_until(lambda: "minewarden keys enroll" in host.agent.text(), 10), host.agent.text()
    host.run("keys", "enroll", host.path("agent.pub"), "--name", "test-host", "--enrolled",
             host.path("enrolled"))
    assert wait_until(lambda: "uplink: connected" in host.agent.text(), 12), host.agent.text()
    client = host.lab("client", "--dialect", "monero", "--pool", start_pool(host, "monero"),
                      "--seconds", 10)
    assert host.wait_for_finding(client.pid, "mining.pool.client", 5)
