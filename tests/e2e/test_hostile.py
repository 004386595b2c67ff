# SPDX-License-Identifier: Apache-2.0
"""Hostile bytes from processes, payloads and peers: a clear error or a counted rejection, no crash, and no
other loss."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from faults import memory_of
from host import BIN, ROOT, SANITIZED, wait_until
from test_stratum import start_pool

ESCAPES = "\x1b[2J\x1b]0;x\x07mw"


def still_finds(host):
    """A lab client is still found."""
    address = start_pool(host, "monero")
    client = host.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 6)
    assert host.wait_for_finding(client.pid, "mining.pool.client", 6)


def exchange(request, reply=b""):
    """One connection of this process over loopback with these first bytes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        peer, _ = listener.accept()
        with peer:
            peer.sendall(reply)
            peer.settimeout(1)
            try:
                while peer.recv(65536):
                    pass
            except OSError:
                pass
    server = threading.Thread(target=serve)
    server.start()
    with socket.create_connection(listener.getsockname()) as client:
        client.sendall(request)
        time.sleep(0.05)
    server.join()
    listener.close()


def test_hostile_payloads_do_no_harm(fleet):
    payloads = [
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b'{"method":"login","params":' + b'{"x":' * 10_000 + b"1" + b"}" * 10_001,
        b"{" + b"\x00" * 5000,
        b'{"method":"\xff\xfe login","params":{"login":"\xc3","pass":"\xed\xa0\x80"},"id":1}\n',
        b'{"id":1e999999,"method":"mining.subscribe","params":[1e-999999]}\n',
        b'{"id":1,"method":"' + b"A" * 200_000 + b'"}\n',
        b"\n" * 100_000,
        b'{"id":1,"method":"login","params":{"login":"' + ESCAPES.encode() + b'","pass":"x","agent":"' +
        ESCAPES.encode() + b'"}}\n',
        os.urandom(65536),
        b"\x16\x03\x01" + os.urandom(2000),
        b"",
    ]
    for payload in payloads:
        exchange(payload)
        exchange(b"GET / HTTP/1.0\r\n\r\n", payload)
    assert fleet.agent.is_alive()
    still_finds(fleet)


def test_a_process_name_with_terminal_escapes_is_shown_harmlessly(fleet):
    program = fleet.path(ESCAPES)
    program.symlink_to(BIN / "minewarden-lab")
    address = start_pool(fleet, "monero")
    child = fleet.spawn([program, "client", "--dialect", "monero", "--pool", address, "--seconds", 20,
                         "--agent", ESCAPES])
    finding = fleet.wait_for_finding(child.pid, "mining.pool.client", 6)
    assert finding and "\x1b" in finding["subject"]["command"]  # JSON has the original bytes
    for arguments in (["findings"], ["findings", finding["id"]], ["findings", finding["id"], "--lang", "zh"],
                      ["findings", "-o", "csv"]):
        shown = fleet.run(*arguments, "--socket", fleet.path("api.sock"))
        assert "\x1b" not in shown.stdout and "\x07" not in shown.stdout
        assert "\\x1b[2J" in shown.stdout


def test_secrets_stay_on_the_host(fleet):
    """No store, log or message contains login names, passwords or command lines."""
    wallet = "4SecretWallet" + "x" * 80
    address = start_pool(fleet, "monero")
    client = fleet.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 8, "--wallet", wallet)
    assert fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    time.sleep(2.5)
    fleet.agent.stop()
    fleet.collector.stop()
    for directory, _, files in os.walk(fleet.directory):
        for name in files:
            path = os.path.join(directory, name)
            if name.startswith("lab-") or not os.path.isfile(path):
                continue  # the lab's own log, sockets
            with open(path, "rb") as file:
                content = file.read()
            assert wallet.encode() not in content, name
            assert b"--wallet" not in content, name


def test_garbage_at_the_intake_is_refused_and_counted(fleet):
    path = str(fleet.path("intake.sock"))

    def failed():
        metrics = fleet.get("/metrics").decode()
        return int(re.search(r'handshakes_total\{result="failed"\} (\d+)', metrics)[1])
    before = failed()
    for junk in (b"GET / HTTP/1.0\r\n\r\n", os.urandom(4096), b"\xff" + b"\x00" * 63, b""):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            try:
                client.sendall(junk)
            except OSError:
                pass
    assert wait_until(lambda: failed() > before, 10)
    still_finds(fleet)


def cpu_seconds(daemon):
    """Exact CPU time of all its processes: the ticks of stat miss short work."""
    total = 0
    for pid in daemon.processes():
        for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(stat.read_text().split()[0])
    return total / 1e9


MOST_MEMORY = 128 << 20


def assert_bounded(*daemons):
    for daemon in daemons:
        assert daemon.is_alive(), daemon.text()
        assert SANITIZED or memory_of(daemon) < MOST_MEMORY, memory_of(daemon)


def drops(host):
    """Losses that the agent reports, by place."""
    heartbeat = host.get("/api/v1/agents")["agents"][0]["heartbeat"]
    return {drop["place"]: drop["count"] for drop in heartbeat["drops"]}


def settle(host):
    """Waits for a heartbeat and a window."""
    time.sleep(3.5)
    return drops(host)


def test_a_flood_of_connections_at_the_intake_keeps_agents_served(fleet):
    """More connections than the backlog, silent ones and garbage: closed in time, agents stay connected."""
    path = str(fleet.path("intake.sock"))
    opened = []
    refused = 0
    for number in range(1500):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(0.2)
        try:
            client.connect(path)
            if number % 2:
                client.send(os.urandom(64))
            opened.append(client)
        except OSError:
            refused += 1
            client.close()
    assert len(opened) + refused == 1500 and len(opened) > 500
    still_finds(fleet)
    assert_bounded(fleet.collector, fleet.agent)
    # Unfinished handshakes are closed.
    fds = f"/proc/{fleet.collector.child('intake')}/fd"
    assert wait_until(lambda: len(os.listdir(fds)) < 200, 20), len(os.listdir(fds))
    for client in opened:
        client.close()
    before = cpu_seconds(fleet.collector)
    time.sleep(2)
    assert cpu_seconds(fleet.collector) - before < 0.5  # it does not spin
    still_finds(fleet)


def test_a_flood_of_connections_at_the_api_ends_with_it(fleet):
    path = str(fleet.path("api.sock"))
    clients = []
    for number in range(600):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(0.2)
        try:
            client.connect(path)
            client.send((b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000, b"\x00" * 100, b"GET /api/v1/fin")[number % 3])
        except OSError:
            pass
        clients.append(client)
    assert_bounded(fleet.collector)
    for client in clients:
        client.close()
    assert wait_until(lambda: fleet.try_get("/readyz"), 5)
    still_finds(fleet)


def test_a_flood_of_watched_connections_is_bounded_and_counted(fleet):
    """One process, many connections with payloads that begin like mining: the budgets of the process
    that opens them and of the port that accepts them run out, and the skipped ones are counted."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    address = listener.getsockname()
    stop = threading.Event()

    def serve():
        listener.settimeout(0.2)
        while not stop.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                continue
            peer.close()
    server = threading.Thread(target=serve)
    server.start()
    before = settle(fleet)
    count = 4000
    began = time.monotonic()
    for _ in range(count):
        with socket.create_connection(address) as client:
            try:
                client.sendall(b'{"id":1,"method":"mining.subscr')
            except OSError:
                pass
    took = time.monotonic() - began
    stop.set()
    server.join()
    listener.close()
    after = settle(fleet)
    counted = after.get("FLOW_PAYLOAD_BUDGET", 0) - before.get("FLOW_PAYLOAD_BUDGET", 0)
    captured = 512 * (int(took / 10) + 2)  # FLOW_BUDGET_CONNECTIONS in each FLOW_BUDGET_SPAN_NS
    assert 2 * (count - captured) <= counted <= 2 * count, (counted, took)  # each has two ends
    gaps = [g for g in fleet.get("/api/v1/gaps")["gaps"] if g["place"] == "FLOW_PAYLOAD_BUDGET"]
    assert sum(g["lost"] for g in gaps) >= counted  # reported as gaps
    assert_bounded(fleet.agent, fleet.collector)
    still_finds(fleet)


SHORT_RULE = """pack: {id: local, version: "1", title: {en: local, zh: 本地}}
rules:
  - id: local.short
    title: {en: A short one, zh: 短}
    on: process.exec
    condition: command = "mw-short"
    family: compute
    weights: {mining.pow.cpu: 9500}
    explain: {en: "It ran.", zh: 已执行。}
"""


def test_ten_thousand_short_processes_a_second_do_not_drown_the_agent(make_host):
    """Forks that end at once, and some short programs: each program is seen or counted."""
    if not shutil.which("stress-ng"):
        pytest.skip("stress-ng is not installed")
    host = make_host(window="2s")
    host.set_up()
    rules = host.path("rules")
    shutil.copytree(ROOT / "rules/packs", rules)
    (rules / "local.yaml").write_text(SHORT_RULE)
    short = host.path("mw-short")
    shutil.copy("/bin/true", short)
    host.start_collector()
    host.start_agent("--rules", rules)
    before = settle(host)
    used = cpu_seconds(host.agent)
    most = 0
    seconds = 5
    began = time.monotonic()
    flood = host.spawn(["stress-ng", "--fork", "1", "--vfork", "2", "--timeout", f"{seconds}s",
                        "--metrics-brief", "--temp-path", host.directory])
    pids = set()
    while flood.is_alive():
        if len(pids) < 300:
            child = subprocess.Popen([short])
            pids.add(child.pid)
            child.wait()
        most = max(most, memory_of(host.agent))
    took = time.monotonic() - began
    used = cpu_seconds(host.agent) - used
    rate = sum(float(line.split()[4]) for line in flood.text().splitlines()
               if re.search(r" v?fork +[0-9]", line)) / took
    after = settle(host)
    lost = {place: after.get(place, 0) - before.get(place, 0)
            for place in ("EXEC_RING_FULL", "FORK_RING_FULL", "EXIT_RING_FULL")}
    print(f"flood: found bounded at {rate:.0f} processes/s, agent used {used:.2f} s of CPU in {took:.1f} s, "
          f"at most {most >> 20} MiB, {len(pids)} programs, lost {lost}")
    assert rate > 500, flood.text()
    assert SANITIZED or most < MOST_MEMORY, most
    assert SANITIZED or used < took * 0.5, used
    seen = {f["subject"]["pid"] for f in host.findings(activity="mining.pow.cpu", current="false")}
    assert len(pids) >= 100
    assert len(pids & seen) + lost["EXEC_RING_FULL"] >= len(pids), (len(pids), len(pids & seen), lost)
    # Events that did not fit in the ring are a gap with their exact number.
    gaps = host.get("/api/v1/gaps")["gaps"]
    for place, count in lost.items():
        assert sum(g["lost"] for g in gaps if g["place"] == place) >= count, place
    still_finds(host)


def pids_limited(mounts):
    """A cgroup (v1 or v2) with at most 64 tasks, or None."""
    for kind, option in (("cgroup", "pids"), ("cgroup2", "")):
        for mount in mounts(kind, option):
            group = mount / f"minewarden-bomb-{os.getpid()}"
            try:
                group.mkdir()
                (group / "pids.max").write_text("64")
                return group
            except OSError:
                with contextlib.suppress(OSError):
                    group.rmdir()
    return None


def test_a_fork_bomb_in_a_limited_cgroup_does_no_harm(fleet):
    from test_attribution import mounts_of, try_remove
    group = pids_limited(mounts_of)
    if group is None:
        pytest.skip("no cgroup with a pids controller")
    bomb = "b() { b | b & }; b; sleep 5"
    fleet.spawn(["bash", "-c", f"echo $$ > {group / 'cgroup.procs'} && exec bash -c '{bomb}' 2>/dev/null"])
    try:
        assert wait_until(lambda: int((group / "pids.current").read_text()) > 8, 5)
        still_finds(fleet)
        assert_bounded(fleet.agent, fleet.collector)
    finally:
        def empty():
            for pid in (group / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            return try_remove(group)
        assert wait_until(empty, 20, step=0.01)
    still_finds(fleet)


COPIES = """
import fcntl, os, resource, socket, sys, time
count = int(sys.argv[1])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
listener = socket.create_server(("127.0.0.1", 0))
each = min(most - 100, count)
for _ in range(each):
    fcntl.fcntl(listener, fcntl.F_DUPFD, 0)
parent = os.getpid()
for _ in range(count // each - 1):
    if os.fork() == 0:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)
print("copied", flush=True)
time.sleep(120)
"""


def test_countless_copies_of_a_descriptor_take_no_memory(make_host):
    """The holder of an accepted connection is found by a search of all descriptors of the host."""
    host = make_host(window="2s")
    host.set_up()
    out = host.path("copies")
    count = 300_000
    copies = host.spawn([sys.executable, "-c", COPIES, str(count)], stdout=out)
    assert wait_until(lambda: out.exists() and out.read_text() == "copied\n", 20), copies.text()
    host.start_collector()
    host.start_agent()
    pool = host.lab("pool", "--dialect", "monero", "--listen", "127.0.0.1:0", "--seconds", 60)
    address = pool.wait_for("pool_listening")["address"]
    host.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 20)
    assert host.wait_for_finding(pool.pid, "mining.pool.operate", 20)
    peak = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{host.agent.pid}/status").read_text())[1]
    assert SANITIZED or int(peak) << 10 < 36 << 20, peak  # all their records at once are 17 MB, twice


RULES = {
    "alias-bomb": ("a: &a [x,x,x,x,x,x,x,x,x]\n" +
                   "".join(f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n"
                           for a, b in zip("abcdefgh", "bcdefghi")), "anchors"),
    "duplicate-keys": ("pack: {id: x, version: '1', title: {en: x, zh: x}}\npack: {id: y}\n",
                       'bad.yaml:2:1: duplicate key "pack"'),
    "megabyte-line": ("pack: " + "x" * ((1 << 20) - 100) + "\n", "bad.yaml:1:"),
    "too-large": ("# " + "x" * (64 << 20) + "\n", "bad.yaml"),
    "deep": ("[" * 100_000, "bad.yaml"),
    "nul": ("pack: \0\n", "bad.yaml"),
    "invalid-utf8": (b"pack: \xff\xfe\n", "bad.yaml"),
}


@pytest.mark.parametrize("kind", RULES)
def test_hostile_rule_files_are_refused_with_their_place_at_once(make_host, kind):
    host = make_host()
    directory = host.path("rules")
    directory.mkdir()
    content, expected = RULES[kind]
    (directory / "bad.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    for arguments, program in (
            (["rules", "check", directory], "minewarden"),
            (["--standalone", "--rules", directory, "-o", f"state.dir={host.path('s')}"], "minewarden-agent")):
        began = time.monotonic()
        done = subprocess.run(["prlimit", f"--as={-1 if SANITIZED else 1 << 30}", BIN / program, *map(str, arguments)],
                              capture_output=True, text=True, errors="replace", timeout=60, check=False)
        assert done.returncode in (65, 78), (done.returncode, done.stderr[:500])
        assert expected in done.stderr, done.stderr[:500]
        assert len(done.stderr) < 20_000  # the message does not repeat the bomb
        assert time.monotonic() - began < 5
