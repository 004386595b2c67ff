# SPDX-License-Identifier: Apache-2.0
"""Connections that are older than the agent, accepted connections, and their traffic."""

import contextlib
import json
import os
import signal
import subprocess
import time

import pytest

from faults import fresh_heartbeat
from host import ROOT, free_ports, wait_until
from test_stratum import is_closed_as_one, start_pool

pytestmark = [pytest.mark.lab, pytest.mark.network]

LOGIN = ('{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4' + "8" * 94 +
         '","pass":"x","agent":"XMRig/6.21.0 (Linux)","algo":["rx/0"]}}')
SUBMIT = ('{"id":7,"jsonrpc":"2.0","method":"submit","params":{"id":"a1b2","job_id":"j7",'
          '"nonce":"0badf00d","result":"' + "ab" * 32 + '"}}')
JOB = ('{"jsonrpc":"2.0","method":"job","params":{"blob":"' + "0e" * 76 + '","job_id":"j8",'
       '"target":"b88d0600","height":3000000,"seed_hash":"' + "cd" * 32 + '"}}')
ACCEPTED = '{"id":7,"jsonrpc":"2.0","error":null,"result":{"status":"OK"}}'
KEEPALIVE = '{"id":9,"jsonrpc":"2.0","method":"keepalived","params":{"id":"a1b2"}}'
NOTIFY = ('{"id":null,"method":"mining.notify","params":["6f","' + "00" * 32 + '","01000000",'
          '"ffffffff",[],"20000000","1d00ffff","5f5e1000",false]}')
TAIL = '2b","result":"' + "ef" * 32 + '"}}\n'

MESSAGES = {
    "submit": ("client", [SUBMIT + "\n"]),
    "submit-without-newline": ("client", [SUBMIT]),
    "keepalive": ("client", [KEEPALIVE + "\n"]),
    "job": ("server", [JOB + "\n"]),
    "notify": ("server", [NOTIFY + "\n"]),
    "submit-in-mid-segment": ("client", [TAIL + SUBMIT + "\n"]),
    "job-in-mid-segment-in-pieces": ("server", [TAIL + JOB[:100], JOB[100:300], JOB[300:] + "\n"]),
}


# With all hooks, and without those that some builds of the kernel refuse (docs/kernels.md).
REFUSED = "[iter/bpf_sk_storage_map, iter/bpf_map_elem, iter/sockmap]"
both_ways = pytest.mark.parametrize("disabled", ["[]", REFUSED], ids=["all-hooks", "refused"])


class Talkers:
    def __init__(self, host, namespace=None):
        self.directory = host.path(f"talkers-{time.monotonic_ns()}")
        self.directory.mkdir()
        enter = ["ip", "netns", "exec", namespace] if namespace else []
        out = self.directory / "out"
        self.child = host.spawn([*enter, "/usr/bin/python3", ROOT / "tests/e2e/talkers.py",
                                 self.directory], stdout=out)
        assert wait_until(lambda: out.exists() and out.read_text().endswith("\n"), 10), \
            self.child.text()
        self.pids = json.loads(out.read_text())
        self.said = 0

    def pids_of_both(self):
        return self.pids["client"], self.pids["server"]

    def say(self, end, pieces):
        self.said += 1
        order = self.directory / str(self.said)
        part = self.directory / "part"
        part.write_text(json.dumps({"from": end, "pieces": pieces}))
        part.rename(order)
        assert wait_until((self.directory / f"{self.said}.sent").exists, 5), self.child.text()


def listens(port):
    return subprocess.run(["ss", "-Htln", f"sport = :{port}"], capture_output=True, text=True,
                          check=True).stdout != ""


@contextlib.contextmanager
def namespace():
    name = f"mw-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


@both_ways
def test_connections_from_before_the_agent_are_recognised_within_two_seconds(make_host, disabled):
    host = make_host(window="2s")
    host.set_up(disabled_hooks=disabled)
    with namespace() as name:
        talkers = {form: Talkers(host, name if "mid-segment" in form else None)
                   for form in MESSAGES}
        for pair in talkers.values():  # other data before the messages
            pair.say("client", ['{"id":1,"jsonrpc":"2.0","method":"hel'])
        host.start_collector()
        host.start_agent()
        time.sleep(1)
        own = {pid for pair in talkers.values() for pid in pair.pids_of_both()}
        assert [f for f in host.findings(activity="mining") if f["subject"]["pid"] in own] == []
        delays = {}
        for form, (end, pieces) in MESSAGES.items():
            talkers[form].say(end, pieces)
            said = time.monotonic()
            client = talkers[form].pids["client"]
            found = host.wait_for_finding(client, "mining.pool.client", 3,
                                          certainty=("suspected", "probable", "confirmed"))
            assert found, f"{form} was not recognised"
            delays[form] = time.monotonic() - said
        print("from the middle: " + ", ".join(f"{f} {d:.2f} s" for f, d in delays.items()))
        assert max(delays.values()) <= 2.0
        # With an answer to its share it is an ordinary pool connection.
        pair = talkers["submit"]
        pair.say("server", [ACCEPTED + "\n"])
        assert host.wait_for_finding(pair.pids["client"], "mining.pool.client", 6)


def test_a_pool_that_accepts_miners_is_found_as_one(fleet):
    pool = fleet.lab("pool", "--dialect", "monero", "--listen", "127.0.0.1:0", "--seconds", 60)
    address = pool.wait_for("pool_listening")["address"]
    client = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 20)
    assert fleet.wait_for_finding(client.pid, "mining.pool.client", 5)
    finding = fleet.wait_for_finding(pool.pid, "mining.pool.operate", 5)
    assert finding, pool.text()
    assert finding["evidence"][0]["observed"]["role"] == "server"
    assert fleet.finding_of(pool.pid, "mining.pool.client") is None
    assert fleet.finding_of(client.pid, "mining.pool.operate") is None


def test_a_connection_passed_to_a_child_accuses_the_child_only(fleet):
    address, port = start_pool(fleet, "monero").rsplit(":", 1)
    out = fleet.path("handed-on")
    parent = fleet.spawn(["/usr/bin/python3", ROOT / "tests/e2e/stratum_caller.py", address, port,
                          "hand-on"], stdout=out)
    # Waits for its end without reaping it: a zombie has ended too.
    ended = os.waitid(os.P_PID, parent.pid, os.WEXITED | os.WNOWAIT)
    assert ended.si_status == 0, parent.text()
    child = int(out.read_text())
    try:
        assert fleet.wait_for_finding(child, "mining.pool.client", 5), fleet.findings()
        assert fleet.finding_of(parent.pid, "mining.pool.client") is None
    finally:
        os.kill(child, signal.SIGTERM)


def test_a_silent_session_that_was_passed_on_belongs_to_the_child(fleet):
    address, port = start_pool(fleet, "monero").rsplit(":", 1)
    out = fleet.path("handed-on")
    parent = fleet.spawn(["/usr/bin/python3", ROOT / "tests/e2e/stratum_caller.py", address, port,
                          "hand-on-silently"], stdout=out)
    assert os.waitid(os.P_PID, parent.pid, os.WEXITED | os.WNOWAIT).si_status == 0, parent.text()
    child = int(out.read_text())
    try:
        found = fleet.wait_for_finding(child, "mining.pool.client", 15)
        assert found, fleet.findings()
        # It becomes a conversation about when the parent ends; the login itself is not the child's.
        assert {item["rule"] for item in found["evidence"]} <= {"stratum.session", "stratum.conversation"}
        own = fleet.finding_of(parent.pid, "mining.pool.client")  # it sent the login itself
        assert "stratum.session" not in [item["rule"] for item in own["evidence"]]
    finally:
        os.kill(child, signal.SIGTERM)


def test_a_process_that_gets_a_connection_from_a_stranger_is_not_accused(fleet):
    program = ["/usr/bin/python3", ROOT / "tests/e2e/stratum_caller.py"]
    bus, out = fleet.path("bus.sock"), fleet.path("taken")
    taker = fleet.spawn([*program, "take", bus], stdout=out)
    assert wait_until(bus.exists, 10), taker.text()
    address, port = start_pool(fleet, "monero").rsplit(":", 1)
    giver = fleet.spawn([*program, address, port, "give", bus])
    ended = os.waitid(os.P_PID, giver.pid, os.WEXITED | os.WNOWAIT)
    assert ended.si_status == 0, giver.text()
    assert fleet.wait_for_finding(giver.pid, "mining.pool.client", 5,
                                  certainty=("suspected", "probable", "confirmed"))
    assert out.read_text() == "1\n"  # it is the only holder of the connection
    time.sleep(7)  # three windows
    assert fleet.finding_of(taker.pid, "mining.pool.client") is None


def test_a_connection_opened_after_too_many_is_read_a_little_later(fleet):
    [port] = free_ports(1)
    program = ["/usr/bin/python3", ROOT / "tests/e2e/stratum_caller.py"]
    server = fleet.spawn([*program, "serve", "127.0.0.1", str(port)])
    assert wait_until(lambda: listens(port), 10), server.text()
    caller = fleet.spawn([*program, "127.0.0.1", str(port), "after-many"])
    found = fleet.wait_for_finding(caller.pid, "mining.pool.client", 25,
                                   certainty=("suspected", "probable", "confirmed"))
    assert found, fleet.findings()
    beat = wait_until(fresh_heartbeat(fleet), 10)
    assert beat, "no heartbeat"
    places = [drop["place"] for drop in beat["drops"]]
    assert "FLOW_PAYLOAD_BUDGET" in places, "it was not skipped at first"


@both_ways
def test_a_session_behind_other_data_is_found(make_host, disabled):
    """More data precedes it than is captured at once; the rest is read in the next window."""
    fleet = make_host(window="2s")
    fleet.set_up(disabled_hooks=disabled)
    fleet.start_collector()
    fleet.start_agent()
    late = Talkers(fleet)
    late.say("client", ['{"padding":"' + "x" * 6000 + '"}\n'])
    other = Talkers(fleet)  # without mining, because the stream has no result
    other.say("client", ["EHLO padding\r\n"])
    other.say("server", ["250 fine\r\n"])
    time.sleep(3)  # a window of 2 s ends
    for pair in (late, other):
        pair.say("client", [SUBMIT + "\n"])
        pair.say("server", [JOB + "\n", ACCEPTED + "\n"])
        assert fleet.wait_for_finding(pair.pids["client"], "mining.pool.client", 4), pair.pids


def test_shippers_and_receivers_of_mining_logs_are_not_accused(fleet):
    shipper = Talkers(fleet)
    shipper.say("client", ["\n".join([LOGIN, JOB, SUBMIT, ""])])
    victim = Talkers(fleet)  # receives lines of a stranger
    victim.say("client", [LOGIN + "\n"])
    late = Talkers(fleet)
    late.say("client", ["time=1 shipping begins\n"])
    time.sleep(3)
    shipper.say("client", ["\n".join([SUBMIT, NOTIFY, ""])])
    late.say("client", ["\n".join([SUBMIT, JOB, SUBMIT, ""])])
    time.sleep(5)
    assert fleet.watched(3)
    found = {f["subject"]["pid"]: f for f in fleet.findings(activity="mining")}
    for pid in [*shipper.pids_of_both(), *late.pids_of_both(), victim.pids["server"]]:
        assert pid not in found, found[pid]


def test_a_log_shipper_that_sends_single_lines_is_cleared(fleet):
    shipper = Talkers(fleet)
    shipper.say("client", [LOGIN + "\n"])
    client = shipper.pids["client"]
    assert fleet.wait_for_finding(client, "mining.pool.client", 3, ["suspected"]), \
        "its first line is a login"
    shipper.say("client", [JOB + "\n"])
    cleared = fleet.wait_for_finding(client, "mining.pool.client", 6, ["suspected"], state="closed")
    assert cleared, fleet.finding_of(client, "mining.pool.client")
    against = {e["rule"] for e in cleared["evidence"] if e["side"] == "against"}
    assert "stratum.transcript" in against
    time.sleep(7)  # it stays cleared while the connection is open
    assert fleet.finding_of(client, "mining.pool.client")["state"] == "closed"


def test_a_client_survives_the_restart_of_the_agent_and_is_continued(fleet):
    address = start_pool(fleet, "monero")
    client = fleet.lab("client", "--dialect", "monero", "--pool", address, "--share-interval", 2,
                       "--seconds", 60)
    first = fleet.wait_for_finding(client.pid, "mining.pool.client", 5)
    assert first
    fleet.agent.kill()
    fleet.start_agent()
    time.sleep(20)  # the login has aged out: only the shares of the open connection are left
    later = fleet.finding_of(client.pid, "mining.pool.client")
    assert later["id"] == first["id"] and later["state"] == "open"
    assert later["certainty"] == "probable"
    assert is_closed_as_one(fleet, client, first)


@both_ways
def test_rules_can_use_the_traffic_of_connections(make_host, disabled):
    host = make_host(window="2s")
    host.set_up(disabled_hooks=disabled)
    host.path("rules").mkdir()
    host.path("rules/traffic.yaml").write_text("""\
pack: {id: test.traffic, version: 1.0.0, title: {en: Traffic, zh: 流量}, sources: [a test]}
rules:
  - id: test.traffic.upload
    title: {en: Upload, zh: 上传}
    on: flow.window
    condition: sent_bytes >= 300000 and received_bytes < 1000 and not accepted
    family: protocol
    weights: {net.transit: 12000}
    explain: {en: "It sent {sent_bytes} bytes in {sent_segments} segments.", zh: "发送 {sent_bytes} 字节，{sent_segments} 段。"}
""")
    host.start_collector()
    host.start_agent("--rules", host.path("rules"))
    talkers = Talkers(host)
    talkers.say("client", ["x" * 50_000] * 8)
    found = host.wait_for_finding(talkers.pids["client"], "net.transit", 8,
                                  certainty=("suspected", "probable"))
    assert found
    observed = found["evidence"][0]["observed"]
    assert observed["sent_bytes"] >= 300_000 and observed["remote_port"] == talkers.pids["port"]
    assert host.finding_of(talkers.pids["server"], "net.transit") is None
