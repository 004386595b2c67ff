# SPDX-License-Identifier: Apache-2.0
"""Matching pool names with connections: a real name server, resolver library and sockets, in separate
network namespaces with addresses of TEST-NET-3 (RFC 5737) on loopback."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from host import BIN, ROOT, wait_until

pytestmark = [pytest.mark.lab, pytest.mark.network]

HERE = pathlib.Path(__file__).parent
POOL, SHARED, BARE = "203.0.113.7", "203.0.113.8", "203.0.113.9"
NAMES = {"xmr.pool.test": POOL, "eu.pool.test": SHARED, "shop.example.test": SHARED,
         "www.example.test": BARE}
PORT = 3333


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


class Network:
    """A network namespace with a name server, a silent pool on each address, and callers in it."""

    def __init__(self, host, name):
        self.host, self.name = host, name
        self.log = host.path(f"{name}.asked")
        self.resolver = pathlib.Path(f"/etc/netns/{name}")
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")
        for address in (POOL, SHARED, BARE):
            ip("-n", name, "address", "add", f"{address}/32", "dev", "lo")
        self.resolver.mkdir(parents=True)
        (self.resolver / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (self.resolver / "nsswitch.conf").write_text("hosts: files dns\n")
        table = [f"{key}={value}" for key, value in NAMES.items()]
        self.spawn(HERE / "name_server.py", self.log, *table)
        for address in (POOL, SHARED, BARE):
            self.spawn(HERE / "stratum_caller.py", "serve", address, PORT)
        assert wait_until(lambda: self.log.exists() and "ready" in self.log.read_text(), 5)
        listening = ["ip", "netns", "exec", name, "ss", "-Hltn", "sport", "=", f":{PORT}"]
        assert wait_until(lambda: subprocess.run(listening, capture_output=True,
                                                 text=True).stdout.count(str(PORT)) == 3, 5)

    def spawn(self, *arguments):
        return self.host.spawn(["ip", "netns", "exec", self.name, sys.executable, *arguments])

    def call(self, target):
        """A process that connects to the pool; `ip netns exec` execs it, so it keeps the pid."""
        return self.spawn(HERE / "stratum_caller.py", target, PORT)

    def look_up(self, name):
        done = subprocess.run(["ip", "netns", "exec", self.name, "getent", "ahostsv4", name],
                              capture_output=True, text=True, timeout=10)
        assert NAMES[name] in done.stdout, (done.stdout, done.stderr)

    def asked(self):
        return {line.split()[1] for line in self.log.read_text().splitlines()
                if line.startswith("asked")}

    def remove(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
        shutil.rmtree(self.resolver, ignore_errors=True)


@pytest.fixture
def make_network():
    if shutil.which("ip") is None:
        pytest.skip("needs iproute2")
    networks = []

    def make(host):
        networks.append(Network(host, f"mw-{os.getpid()}-{len(networks)}"))
        return networks[-1]

    yield make
    for network in networks:
        network.remove()


@pytest.fixture
def watched(make_host):
    """A host whose agent has an overlay list with the name pool.test, hashed by the tool."""
    host = make_host(window="2s")
    host.set_up()
    intel = host.path("intel")
    intel.mkdir()
    host.path("plain.txt").write_text("pool pool.test monero\n")
    made = host.run("rules", "indicators", host.path("plain.txt"), "--list-id", "test.pools").stdout
    assert "pool.test" not in made
    (intel / "overlay.yaml").write_text(made)
    host.write_config(intel=intel)
    host.start_collector()
    host.start_agent()
    return host


def destination_of(host, caller, *certainties):
    """The observed values of the destination evidence of a caller, and its finding."""
    finding = host.wait_for_finding(caller.pid, "mining.pool.client", 10, certainties)
    assert finding, (host.finding_of(caller.pid, "mining.pool.client"), caller.text())
    evidence = [e for e in finding["evidence"] if e["family"] == "destination"]
    assert evidence, finding
    return evidence[0]["observed"], finding


def test_three_levels_and_shared_addresses(watched, make_network):
    first, second = make_network(watched), make_network(watched)

    # The process that resolved the name: a second independent family, so the finding is confirmed.
    asked = first.call("xmr.pool.test")
    observed, finding = destination_of(watched, asked, "confirmed")
    assert observed["level"] == "process" and observed["kind"] == "pool"
    assert observed["remote_address"] == POOL and observed["remote_port"] == PORT
    assert observed["name"] == "pool.test" and observed["list"] == "test.pools"
    assert observed["coin"] == "monero" and observed["ambiguous"] is False
    assert {e["family"] for e in finding["evidence"]} == {"protocol", "destination"}
    weight = {e["rule"]: e["weight"] for e in finding["evidence"] if e["family"] == "destination"}

    # Another process in the same network namespace that only knows the address. Its login is not answered.
    observed, finding = destination_of(watched, first.call(POOL), "probable")
    assert observed["level"] == "namespace"
    weight |= {e["rule"]: e["weight"] for e in finding["evidence"] if e["family"] == "destination"}

    # A process in another network namespace: the host level is not a second family.
    observed, finding = destination_of(watched, second.call(POOL), "probable")
    assert observed["level"] == "host"
    weight |= {e["rule"]: e["weight"] for e in finding["evidence"] if e["family"] == "destination"}
    assert (weight["destination.pool.process"] > weight["destination.pool.namespace"] >
            weight["destination.pool.host"])

    # An address that is shared with a shop.
    first.look_up("shop.example.test")
    observed, finding = destination_of(watched, first.call("eu.pool.test"), "probable")
    assert observed["level"] == "process" and observed["ambiguous"] is True

    # A name that is on no list leaves no trace.
    plain = first.call("www.example.test")
    finding = watched.wait_for_finding(plain.pid, "mining.pool.client", 10, ["suspected"])
    assert finding and {e["family"] for e in finding["evidence"]} == {"protocol"}
    assert "example.test" not in str(watched.findings())


def test_the_agent_resolves_nothing(make_host, make_network):
    """The agent runs in a namespace whose name server logs every query."""
    host = make_host(window="1s")
    host.set_up()
    host.start_collector()
    network = make_network(host)
    host.agent = network.host.spawn(
        ["ip", "netns", "exec", network.name, BIN / "minewarden-agent", "--config",
         host.path("minewarden.yaml")])
    assert wait_until(lambda: "uplink: connected" in host.agent.text(), 15), host.agent.text()
    caller = network.call("xmr.pool.test")
    assert host.wait_for_finding(caller.pid, "mining.pool.client", 10, ["suspected"]), \
        host.agent.text()
    # A miner without a name: the agent must not look its name up.
    bare = network.call(BARE)
    assert host.wait_for_finding(bare.pid, "mining.pool.client", 10, ["suspected"])
    assert network.asked() == {"xmr.pool.test"}
    # It also refuses a collector's name.
    refused = subprocess.run(
        [BIN / "minewarden-agent", "--config", host.path("minewarden.yaml"), "--dry-run", "-o",
         "agent.collector=tcp://collector.example.test:7410"], capture_output=True, text=True)
    assert refused.returncode == 78 and "no name is resolved" in refused.stderr


def test_no_pool_is_named_in_what_is_installed():
    """Programs and their data do not contain names of the shipped list."""
    names = [line.split()[1].lstrip("=").encode()
             for line in (ROOT / "rules/intel/pools.txt").read_text().splitlines()
             if line.startswith(("pool ", "site "))]
    assert len(names) > 50
    installed = [BIN / name for name in ("minewarden", "minewarden-agent", "minewarden-collector")]
    installed += [p for p in (BIN.parent / "share/minewarden").rglob("*") if p.is_file()]
    for path in installed:
        content = path.read_bytes()
        assert [name for name in names if name in content] == [], path
