# SPDX-License-Identifier: Apache-2.0
"""Bytes that mean harm, from processes, payloads and peers: a clear error or a counted rejection,
no crash, and nothing else lost."""

import os
import re
import socket
import subprocess
import threading
import time

from host import BIN, wait_until
from test_stratum import start_pool

ESCAPES = "\x1b[2J\x1b]0;x\x07mw"


def still_finds(host):
    """A lab client is found as ever."""
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
    assert finding and "\x1b" in finding["subject"]["command"]  # JSON keeps what was seen
    for arguments in (["findings"], ["findings", finding["id"]], ["findings", finding["id"], "--lang", "zh"],
                      ["findings", "-o", "csv"]):
        shown = fleet.run(*arguments, "--socket", fleet.path("api.sock"))
        assert "\x1b" not in shown.stdout and "\x07" not in shown.stdout
        assert "\\x1b[2J" in shown.stdout


def test_secrets_stay_on_the_host(fleet):
    """Login names, passwords and command lines are in no store, log or message."""
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


def test_a_flood_of_short_processes_does_not_drown_the_agent(fleet):
    script = "for i in $(seq 3000); do /bin/true & if [ $((i % 50)) = 0 ]; then wait; fi; done; wait"
    subprocess.run(["bash", "-c", script], check=True, timeout=120)
    assert wait_until(lambda: fleet.agent.is_alive(), 1)
    still_finds(fleet)
