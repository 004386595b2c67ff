# SPDX-License-Identifier: Apache-2.0
"""Debian's monerod synchronises a chain and verifies every block, without mining: RandomX of a node. Two
daemons over loopback; the chain is mined before the agent starts."""

import contextlib
import json
import shutil
import time
import urllib.request

import pytest

from honest_work import Work
from host import free_ports, wait_until
from test_benign import accused, windows_of
from test_monerod import WALLET

pytestmark = pytest.mark.lab


class Node:
    """A daemon of the test network in its own cgroup."""

    def __init__(self, name, seconds, chain, more=""):
        self.p2p, self.rpc = free_ports(2)
        self.work = Work(
            name, f"exec timeout {seconds} monerod --regtest --fixed-difficulty 1 --keep-fakechain --data-dir {chain} --no-igd "
            f"--no-zmq --rpc-bind-port {self.rpc} --p2p-bind-ip 127.0.0.1 --p2p-bind-port {self.p2p} "
            f"--allow-local-ip --prep-blocks-threads 1 --non-interactive --disable-dns-checkpoints --check-updates disabled "
            f"--log-level 0 {more}", "", seconds)
        self.work.start()
        assert wait_until(lambda: self.call("get_info"), 60), self.work.text()

    def call(self, path, **body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.rpc}/{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        return None

    def height(self):
        info = self.call("get_info")
        return info["height"] if info else 0

    def make_blocks(self, count):
        answer = self.call("json_rpc", jsonrpc="2.0", id=1, method="generateblocks",
                           params={"amount_of_blocks": count, "wallet_address": WALLET})
        assert answer and "error" not in answer, answer

    def stop(self):
        self.work.process.terminate()
        self.work.process.wait(60)
        self.work.remove()


@pytest.fixture
def nodes():
    made = []
    yield made
    for node in made:
        node.stop()


def catch_up(host, nodes, blocks, seconds):
    """New nodes fetch the chain, one after another until the time is over."""
    assert shutil.which("monerod"), "packaging/packages/tests.txt should have brought monero"
    chain = host.path("chain")
    maker = Node("monerod-making", 600, chain, "--offline")
    nodes.append(maker)
    begun = time.monotonic()
    for _ in range(0, blocks, 50):
        maker.make_blocks(50)
    height = maker.height()
    print(f"{height} blocks made in {time.monotonic() - begun:.0f} s")
    assert height > blocks
    nodes.remove(maker)
    maker.stop()
    source = Node("monerod-source", seconds + 600, chain)
    nodes.append(source)
    assert source.height() == height
    host.start_collector()
    host.start_agent()
    end, rounds, verified_s, cpu = time.monotonic() + seconds, 0, 0.0, 0.0
    while time.monotonic() < end:
        begun = time.monotonic()
        node = Node("monerod-catching-up", seconds + 600, "$D/chain",
                    f"--add-exclusive-node 127.0.0.1:{source.p2p}")
        nodes.append(node)
        assert wait_until(lambda: node.height() >= height, 300, 0.2), (node.height(), node.work.text())
        verified_s += time.monotonic() - begun
        cpu += node.work.cgroup.cpu_seconds()
        rounds += 1
        time.sleep(1)
        nodes.remove(node)
        node.stop()
    print(f"{rounds} times {height} blocks verified, {verified_s:.0f} s in all with {cpu:.1f} s of CPU")
    assert cpu >= 0.1 * verified_s, "it hardly computed"
    found = accused(host)
    assert found == [], "\n".join(found)
    assert windows_of(host) >= seconds / float(host.window.rstrip("s")) * 0.7


def test_short(make_host, nodes):
    host = make_host(window="2s")
    host.set_up()
    catch_up(host, nodes, 600, 15)


@pytest.mark.long
def test_ten_minutes_in_default_windows(make_host, nodes):
    host = make_host(window="10s")
    host.set_up()
    catch_up(host, nodes, 2000, 600)
