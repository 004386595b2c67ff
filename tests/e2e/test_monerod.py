# SPDX-License-Identifier: Apache-2.0
"""Debian's monerod: a node that becomes a miner and a node again, detected by its computation."""

import json
import shutil
import signal
import time
import urllib.request

import pytest

from host import free_ports, wait_until

pytestmark = pytest.mark.lab

WALLET = ("44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQ"
          "BEP3A")


class Monerod:
    def __init__(self, host):
        self.host = host
        self.rpc, p2p, zmq = free_ports(3)
        self.child = host.spawn(
            ["monerod", "--regtest", "--offline", "--fixed-difficulty", "1", "--data-dir",
             host.path("monero"), "--no-igd", "--rpc-bind-port", self.rpc, "--p2p-bind-port", p2p,
             "--zmq-rpc-bind-port", zmq, "--non-interactive", "--log-level", "0"])
        assert wait_until(lambda: self.call("get_info"), 30), self.child.text()

    def call(self, path, **body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.rpc}/{path}", json.dumps(body).encode(),
            {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except OSError:
            return None

    def start_mining(self):
        answer = self.call("start_mining", miner_address=WALLET, threads_count=1,
                           do_background_mining=False, ignore_battery=True)
        assert answer and answer["status"] == "OK", answer
        return time.monotonic()

    def mining_findings(self, host):
        return [f for f in host.findings(activity="mining", current="false")
                if f["subject"]["pid"] == self.child.pid]


@pytest.fixture
def monerod(make_host):
    if not shutil.which("monerod"):
        pytest.skip("monerod is not installed (package monero)")
    host = make_host(window="10s")
    host.start_standalone()
    return host, Monerod(host)


@pytest.mark.network
def test_a_node_that_does_not_mine_is_never_called_mining(monerod):
    host, node = monerod
    end = time.monotonic() + 45
    while time.monotonic() < end:
        assert node.call("get_info")["status"] == "OK"
        time.sleep(0.5)
    assert node.mining_findings(host) == []
    assert host.watched(4)


def test_mining_is_found_closed_and_continued_over_a_restart(monerod):
    host, node = monerod
    begun = node.start_mining()
    finding = host.wait_for_finding(node.child.pid, "mining.pow.cpu", 90)
    took = time.monotonic() - begun
    assert finding, "mining was not found"
    print(f"found {took:.1f} s after start_mining")
    assert finding["certainty"] == "probable"  # no pool traffic: compute evidence alone
    families = {e["family"] for e in finding["evidence"] if e["side"] == "for"}
    assert "compute" in families and "protocol" not in families
    assert took <= 60, f"found only after {took:.1f} s"

    # After a restart of the agent the same finding continues.
    took, status = host.agent.stop()
    assert status == 0 and took < 2, (status, took)
    host.start_standalone(name="again")
    time.sleep(25)
    again = host.finding_of(node.child.pid, "mining.pow.cpu")
    assert again["id"] == finding["id"]
    assert again["state"] == "open" and again["certainty"] == "probable"
    assert again["opened_at"] == finding["opened_at"]

    # The same after a kill.
    host.agent.signal(signal.SIGKILL)
    host.agent.kill()
    host.start_standalone(name="after-kill")
    time.sleep(15)
    again = host.finding_of(node.child.pid, "mining.pow.cpu")
    assert again["id"] == finding["id"] and again["state"] == "open"

    asked = time.monotonic()
    assert node.call("stop_mining")["status"] == "OK"  # returns when the mining threads have ended
    closed = host.wait_for_finding(node.child.pid, "mining.pow.cpu", 90, state="closed")
    took = time.monotonic() - asked
    assert closed, "the finding stayed open"
    print(f"closed {took:.1f} s after stop_mining")
    assert closed["id"] == finding["id"] and closed["close_reason"] == "evidence-ended"
    shown = host.run("findings", closed["id"], "--socket", host.path("api.sock")).stdout
    assert '"probable" was reached before' in " ".join(shown.split())
    assert took <= 60, f"closed only after {took:.1f} s"
    assert len({f["id"] for f in host.findings(activity="mining.pow.cpu")}) == 1
