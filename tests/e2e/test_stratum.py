# SPDX-License-Identifier: Apache-2.0
"""Lab clients of lab pools on loopback are found with the right process."""

import statistics
import time

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.network]

FORMS = {
    "monero-new": ("monero", ["--key-order", "new"]),
    "monero-new-spaces": ("monero", ["--key-order", "new", "--spaces"]),
    "monero-old": ("monero", ["--key-order", "old"]),
    "monero-old-spaces": ("monero", ["--key-order", "old", "--spaces"]),
    "monero-split": ("monero", ["--split", "4"]),
    "bitcoin": ("bitcoin", []),
    "bitcoin-no-spaces": ("bitcoin", ["--no-spaces"]),
    "bitcoin-configure": ("bitcoin", ["--configure"]),
}


def start_pool(host, dialect, listen="127.0.0.1:0"):
    pool = host.lab("pool", "--dialect", dialect, "--listen", listen, "--seconds", 300)
    return pool.wait_for("pool_listening")["address"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:0"], ids=["ipv4", "ipv6"])
def test_a_client_is_found_with_its_process(fleet, form, listen):
    dialect, options = FORMS[form]
    address = start_pool(fleet, dialect, listen)
    client = fleet.lab("client", "--dialect", dialect, "--pool", address, "--seconds", 20, *options)
    client.wait_for("login_sent")
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 5)
    assert finding, client.text()
    assert finding["subject"]["command"] == "minewarden-lab"
    assert finding["subject"]["executable"].endswith("/minewarden-lab")
    assert {e["family"] for e in finding["evidence"]} == {"protocol"}
    assert finding["certainty"] == "probable"  # one family: not confirmed
    peer = address.rsplit(":", 1)[0].strip("[]")
    assert finding["evidence"][0]["observed"]["remote_address"] == peer


@pytest.mark.parametrize("dialect", ["monero", "bitcoin"])
def test_the_finding_is_there_within_two_seconds_of_the_first_job(fleet, dialect):
    """p95 over 50 clients, five at a time, from the job's arrival to the commit in the store."""
    address = start_pool(fleet, dialect)
    delays = []
    for _ in range(10):
        clients = [fleet.lab("client", "--dialect", dialect, "--pool", address, "--seconds", 8)
                   for _ in range(5)]
        jobs = [client.wait_for("job_received") for client in clients]
        for client, job in zip(clients, jobs):
            finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 4)
            assert finding, "not found at all"
            begun = finding["subject"]["started_at"]
            assert begun
            delays.append(received_after(fleet, finding, job))
        for client in clients:
            client.stop()
    p95 = statistics.quantiles(delays, n=20)[18]
    print(f"{dialect}: median {statistics.median(delays):.3f} s, p95 {p95:.3f} s, "
          f"worst {max(delays):.3f} s over {len(delays)} clients")
    assert p95 <= 2.0


def received_after(host, finding, event):
    """Seconds from an event of the lab (its wall time) to the first version above suspected."""
    from datetime import datetime
    parse = lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))  # noqa: E731
    versions = host.get(f"/api/v1/findings/{finding['id']}")["history"]
    first = min(parse(v["received_at"]) for v in versions if v["certainty"] != "suspected")
    return (first - parse(event["time"])).total_seconds()


def test_the_finding_closes_when_the_client_ends(fleet):
    address = start_pool(fleet, "monero")
    client = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 60)
    assert fleet.wait_for_finding(client.pid, "mining.pool.client", 5)
    client.stop()
    closed = fleet.wait_for_finding(client.pid, "mining.pool.client", 5, state="closed")
    assert closed and closed["close_reason"] == "process-exited"


def is_closed_as_one(host, client, finding):
    """After the client's end: the finding still belongs to it, and there is no second one."""
    client.stop()
    closed = host.wait_for_finding(client.pid, "mining.pool.client", 6, state="closed")
    ids = {f["id"] for f in host.findings(activity="mining.pool.client", current="false")
           if f["subject"]["pid"] == client.pid}
    return closed and ids == {finding["id"]}


def test_a_client_that_stays_connected_stays_found(fleet):
    address = start_pool(fleet, "bitcoin")
    client = fleet.lab("client", "--dialect", "bitcoin", "--pool", address, "--seconds", 60)
    first = fleet.wait_for_finding(client.pid, "mining.pool.client", 5)
    # After fifteen windows the login has aged out; the open session is still evidence.
    time.sleep(30)
    later = fleet.finding_of(client.pid, "mining.pool.client")
    assert later["state"] == "open" and later["id"] == first["id"]
    assert later["certainty"] == "probable"
    assert is_closed_as_one(fleet, client, first)


def test_ordinary_json_rpc_is_not_mining(fleet):
    server = fleet.lab("json-rpc", "--listen", "127.0.0.1:0", "--seconds", 30)
    address = server.wait_for("listening")["address"]
    client = fleet.lab("json-rpc", "--connect", address, "--interval", "0.05", "--seconds", 15)
    client.wait_for("finished", 25)
    judged = [f for f in fleet.findings(activity="mining")
              if f["subject"]["pid"] in (server.pid, client.pid)]
    assert [f for f in judged if f["certainty"] != "suspected"] == []
    assert fleet.watched(6)
