# SPDX-License-Identifier: Apache-2.0
"""A compromised host has its agent's key and outbox. Altered and replayed findings are detected, and change
no record of another agent."""

import json
import shutil
import struct
import zlib

from host import wait_until
from test_stratum import start_pool


def outbox_records(path):
    """(sequence, payload) of a segment (docs/outbox-format.md)."""
    content = path.read_bytes()
    assert content[:8] == b"MWOUTBX1"
    at, found = 8, []
    while at < len(content):
        crc, length, sequence = struct.unpack_from("<IIQ", content, at)
        assert crc == zlib.crc32(content[at + 4:at + 16 + length])
        found.append((sequence, content[at + 16:at + 16 + length]))
        at += 16 + length
    return found


def write_outbox(path, records):
    content = b"MWOUTBX1"
    for sequence, payload in records:
        rest = struct.pack("<IQ", len(payload), sequence) + payload
        content += struct.pack("<I", zlib.crc32(rest)) + rest
    path.write_bytes(content)


# The activity (field 4) and after it the certainty (field 5) of a wire::Finding.
PROBABLE = b"\x22\x12mining.pool.client\x28\x02"
CONFIRMED = b"\x22\x12mining.pool.client\x28\x03"


def waiting_findings(host, client):
    """The agent saw a client while the collector was stopped; then it stopped."""
    host.collector.stop()
    client.wait_for("finished", 20)
    segments = sorted(host.path("state/outbox").glob("*.log"))
    assert wait_until(lambda: any(PROBABLE in s.read_bytes() for s in segments), 10)
    host.agent.stop()
    return segments


def recomputed(host, count):
    def enough():
        made = [f for f in host.findings(current="false") if f["recomputed"]]
        return made if len(made) >= count else None
    return wait_until(enough, 15)


def test_an_altered_verdict_is_marked_everywhere(fleet):
    address = start_pool(fleet, "monero")
    honest = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 3)
    assert fleet.wait_for_finding(honest.pid, "mining.pool.client", 10, state="closed")
    liar = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 3)
    altered = 0
    for segment in waiting_findings(fleet, liar):
        records = outbox_records(segment)
        altered += sum(PROBABLE in payload for _, payload in records)
        write_outbox(segment, [(n, payload.replace(PROBABLE, CONFIRMED)) for n, payload in records])
    assert altered > 0
    fleet.start_collector()
    fleet.start_agent()
    finding = wait_until(lambda: next((f for f in fleet.findings(mismatched="true", current="false")
                                       if f["subject"]["pid"] == liar.pid), None), 15)
    assert finding, fleet.collector.text()
    assert finding["certainty"] == "confirmed"
    assert finding["recomputed"]["differences"] == [
        {"field": "finding.certainty", "reported": "confirmed", "recomputed": "probable"}]
    # Unaltered findings still match.
    def results_of_honest():
        return {f["recomputed"]["result"] for f in fleet.findings(current="false")
                if f["recomputed"] and f["subject"]["pid"] == honest.pid}
    assert wait_until(results_of_honest, 15) == {"matched"}

    api = ["--socket", fleet.path("api.sock")]
    assert "NOT REPRODUCED" in fleet.run("findings", finding["id"], "--lang", "en", *api).stdout
    assert "无法重现" in fleet.run("findings", finding["id"], "--lang", "zh", *api).stdout
    assert "NOT REPRODUCED" in fleet.run("findings", "--mismatched", "--lang", "en", *api).stdout
    assert "mismatched" in fleet.run("findings", "-o", "csv", *api).stdout
    verified = fleet.run("findings", finding["id"], "--verify", *api, check=False)
    assert verified.returncode == 65
    assert 'finding.certainty: reported "confirmed", recomputed "probable"' in verified.stderr
    status = fleet.run("status", "--lang", "en", *api).stdout
    assert "NOT the same" in status and "minewarden findings --mismatched" in status
    assert json.loads(fleet.run("status", "-o", "json", *api).stdout)["recompute"]["mismatched"] >= 1
    assert fleet.collector.text().count("does not follow from its evidence") == 1


def test_a_captured_outbox_sent_with_another_key_changes_no_other_record(fleet):
    address = start_pool(fleet, "monero")
    client = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 3)
    waiting_findings(fleet, client)
    fleet.path("state-2").mkdir(mode=0o700)
    shutil.copytree(fleet.path("state/outbox"), fleet.path("state-2/outbox"))
    fleet.start_collector()
    fleet.start_agent()
    assert fleet.wait_for_finding(client.pid, "mining.pool.client", 15, state="closed")
    assert recomputed(fleet, 1)
    fleet.agent.stop()
    assert wait_until(lambda: all(f["recomputed"] for f in fleet.findings(current="false")), 15)
    theirs = fleet.findings(current="false", agent="test-host")
    victim = next(f for f in theirs if f["subject"]["pid"] == client.pid)
    record = fleet.get(f"/api/v1/findings/{victim['id']}/record")

    fleet.run("keys", "generate", fleet.path("second.key"))
    fleet.run("keys", "enroll", fleet.path("second.pub"), "--name", "second-host", "--enrolled",
              fleet.path("enrolled"))
    # A refused agent waits before it retries.
    assert wait_until(lambda: fleet.get("/api/v1/status")["enrolled_agents"] == 2, 10)
    fleet.start_agent("-o", f"agent.key={fleet.path('second.key')}", "-o",
                      f"state.dir={fleet.path('state-2')}")
    replayed = wait_until(lambda: [f for f in fleet.findings(current="false", agent="second-host")
                                   if f["subject"]["pid"] == client.pid and f["recomputed"]], 15)
    assert replayed, fleet.agent.text()
    assert {f["id"] for f in replayed} == {victim["id"]}
    assert all("finding.id" in [d["field"] for d in f["recomputed"]["differences"]] for f in replayed)
    assert fleet.findings(current="false", agent="test-host") == theirs
    assert fleet.get(f"/api/v1/findings/{victim['id']}/record") == record
    assert fleet.get(f"/api/v1/findings/{victim['id']}")["agent"]["name"] == "test-host"
