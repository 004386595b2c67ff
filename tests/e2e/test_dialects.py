# SPDX-License-Identifier: Apache-2.0
"""Every dialect, transport and node handshake in one agent run: miners are found, others are not."""

import time

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.network]

POOLS = [
    ("monero", "socks5"), ("monero", "connect"), ("monero", "websocket"),
    ("ethereumstratum-1", "direct"), ("ethereumstratum-2", "direct"), ("eth-proxy", "direct"),
    ("kawpow", "direct"), ("zcash", "direct"), ("beam", "direct"), ("browser", "websocket"), ("getwork", "direct"),
    ("grin", "direct"), ("iron-fish", "direct"), ("stratum-v2", "direct"), ("webminerpool", "websocket"),
    ("getblocktemplate", "direct"), ("eth-getwork", "direct"), ("monero-daemon", "direct"),
    # Held out: combinations that were not used when the recognisers were written.
    ("zcash", "websocket"), ("ethereumstratum-1", "socks5"), ("getwork", "socks5"),
    ("monero-daemon", "connect"), ("eth-proxy", "connect"), ("monero", "socks4"), ("kawpow", "socks4"),
    ("grin", "websocket"), ("iron-fish", "socks5"), ("stratum-v2", "connect"),
]
NODES = ["bitcoin-p2p", "ethereum-p2p", "libp2p", "monero-p2p"]
OTHERS = [
    ("web-page", "direct"), ("web-page", "socks5"), ("chat", "websocket"), ("chat", "direct"),
    ("wallet", "direct"), ("monitoring", "direct"), ("database", "socks5"), ("tls", "connect"),
]


def start(host, what, via):
    """The client of a pair, and the pid of its server."""
    options = ["--what", what, "--via", via, "--seconds", 60]
    server = host.lab("speak", *options, "--listen", "127.0.0.1:0")
    address = server.wait_for("listening")["address"]
    client = host.lab("speak", *options, "--connect", address)
    client.server_pid = server.pid
    return client


def test_each_dialect_is_recognised(fleet):
    pools = {(what, via): start(fleet, what, via) for what, via in POOLS}
    nodes = {what: start(fleet, what, "direct") for what in NODES}
    others = {(what, via): start(fleet, what, via) for what, via in OTHERS}
    for lab in [*pools.values(), *nodes.values(), *others.values()]:
        lab.wait_for("said", 20)

    # The nodes first: they say no more, and their findings close after a few windows.
    for what in ("bitcoin-p2p", "ethereum-p2p", "monero-p2p"):
        finding = fleet.wait_for_finding(nodes[what].pid, "node.full", 6)
        assert finding, what
        observed = finding["evidence"][0]["observed"]
        assert observed["network"] == what.removesuffix("-p2p")

    missed = [name for name, lab in pools.items()
              if not fleet.wait_for_finding(lab.pid, "mining.pool.client", 6)]
    assert missed == []

    # Two more windows of 2 s: no findings about the others.
    time.sleep(5)
    assert fleet.watched(3)
    mining = {f["subject"]["pid"]: f for f in fleet.findings(activity="mining")
              if f["certainty"] != "suspected"}
    for name, lab in [*nodes.items(), *others.items()]:
        for pid in (lab.pid, lab.server_pid):
            assert pid not in mining, (name, mining.get(pid))
