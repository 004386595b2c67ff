# SPDX-License-Identifier: Apache-2.0
"""Peers that attack the collector while honest agents send: docs/architecture.md, "The collector's processes"."""

import json
import os
import re
import signal
import subprocess
import time

import pytest
from attacked import ATTACKS, Collector, result
from host import BIN, SANITIZED, wait_until

AGENTS = 5
RATE = 1500  # findings a second of all honest agents
SECONDS = {False: 4, True: 60}  # by --long


@pytest.fixture
def collector(make_host):
    return Collector(make_host())


@pytest.mark.timing
@pytest.mark.parametrize("attack", [pytest.param(a, marks=[] if a in ("hellos", "large") else pytest.mark.long)
                                    for a in ATTACKS])
def test_honest_agents_are_served_during_an_attack(collector, attack, request):
    seconds = SECONDS[request.config.getoption("--long")]
    honest = collector.keys("honest", AGENTS)
    attackers = collector.keys("attacker", 2)
    supervisor = collector.host.collector.pid
    attacking = collector.fleet(attack, attackers, seconds + 1)
    time.sleep(0.5)
    served = result(collector.fleet("honest", honest, seconds, "--rate", str(RATE)), seconds + 90)
    result(attacking, 60)
    print(f"  {attack}: {served}, {collector.metric('intake_restarts_total'):.0f} restarts of the intake, "
          f"{collector.memory_mib():.0f} MiB at most")
    assert served["acknowledged"] == RATE // AGENTS * AGENTS * seconds or \
        served["acknowledged"] > 0.95 * RATE * seconds, "everything was acknowledged in the end"
    if request.config.getoption("--long"):  # alone on the machine; tests/bench has the figures
        assert served["ack_ms_p99"] <= 2000
    assert collector.findings_stored() == served["acknowledged"], "each exactly once"
    assert collector.host.collector.is_alive() and collector.host.collector.pid == supervisor
    if not SANITIZED:
        assert collector.memory_mib() < 700
    # Enrolments and revocations work as before.
    collector.host.run("keys", "revoke", "attacker-0", "--enrolled", collector.host.path("enrolled"))
    refused = r"intake_handshakes_total\{result=\"refused\"\}"
    before = collector.metric(refused)
    result(collector.fleet("hellos", attackers[:1], 3), 30)
    assert collector.metric(refused) > before


def test_a_dead_intake_starts_again_and_loses_nothing(collector):
    honest = collector.keys("honest", 2)
    sending = collector.fleet("honest", honest, 4, "--rate", "500")
    for _ in range(6):
        time.sleep(0.5)
        os.kill(collector.part("intake"), signal.SIGKILL)
        assert wait_until(lambda: collector.part("intake"), 5)
    served = result(sending, 90)
    assert served["acknowledged"] > 0
    assert collector.findings_stored() == served["acknowledged"]
    assert collector.metric("intake_restarts_total") == 6
    log = collector.host.collector.text()
    assert log.count("the intake process was ended by signal 9 (Killed); it starts again") == 6
    assert "kept out" not in log, "nobody is blamed for what the operator did"


def test_a_dead_store_starts_again_and_loses_nothing(collector):
    honest = collector.keys("honest", 2)
    sending = collector.fleet("honest", honest, 4, "--rate", "500")
    for restarts in range(1, 4):
        time.sleep(0.8)
        os.kill(collector.part("store"), signal.SIGKILL)
        assert wait_until(lambda n=restarts: (collector.host.try_get("/api/v1/status") or
                                              {"intake": {}})["intake"].get("store_restarts") == n, 10)
    served = result(sending, 90)
    assert served["acknowledged"] > 0
    assert collector.findings_stored() == served["acknowledged"]


@pytest.mark.timing
def test_a_key_that_comes_with_deaths_is_kept_out(collector):
    honest = collector.keys("honest", 2)
    attacker = collector.keys("attacker", 1)
    sending = collector.fleet("honest", honest, 6, "--rate", "200")
    for _ in range(3):
        result(collector.fleet("resets", attacker, 1), 20)
        os.kill(collector.part("intake"), signal.SIGABRT)
        assert wait_until(lambda: collector.part("intake"), 5)
        time.sleep(0.5)
    served = result(sending, 90)
    assert collector.findings_stored() == served["acknowledged"] > 0
    fingerprint = collector.host.run("keys", "list", "--enrolled", collector.host.path("enrolled")).stdout
    key = next(line.split()[0] for line in fingerprint.splitlines() if "attacker-0" in line)
    log = collector.host.collector.text()
    assert re.search(rf"the key {key}\w* came with three deaths of the intake process; it is kept out", log), log
    assert log.count("is kept out for") == 1, "and nobody else"
    before = collector.metric(r"intake_handshakes_total\{result=\"refused\"\}")
    result(collector.fleet("hellos", attacker, 3), 20)
    assert collector.metric(r"intake_handshakes_total\{result=\"refused\"\}") > before
    # The address is shared with the attacker, and may go on slowly.
    again = result(collector.fleet("honest", honest, 2, "--rate", "100"), 90)
    assert again["acknowledged"] > 0


def test_a_hanging_intake_is_killed(collector):
    intake = collector.part("intake")
    os.kill(intake, signal.SIGSTOP)
    assert wait_until(lambda: collector.part("intake") not in (None, intake), 20)
    assert "the intake process has done nothing for 10 s; it is killed" in collector.host.collector.text()


def test_children_end_with_the_supervisor(collector):
    children = [collector.part("intake"), collector.part("store")]
    collector.host.collector.kill()
    assert wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children), 5)
    collector.host.start_collector()  # the address is free again
    assert collector.host.collector.stop()[1] == 0


def test_the_intake_has_no_privileges(collector):
    with open(f"/proc/{collector.part('intake')}/status", encoding="utf-8") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines())
    assert status["Uid"].split()[0] != "0"
    assert set(status["CapEff"].strip()) == {"0"}
    assert status["NoNewPrivs"].strip() == "1"
    if not SANITIZED:
        assert status["Seccomp"].strip() == "2"


@pytest.mark.timing  # a sanitizer needs files and processes for its reports
def test_what_took_over_the_intake_can_do_little():
    tries = json.loads(subprocess.run([BIN / "minewarden-fleet", "locked-down"], capture_output=True, text=True,
                                      check=True).stdout)
    works = {name for name, outcome in tries.items() if outcome == "works"}
    assert works == {"socket", "memory", "thread"}, tries
    assert tries["clone3"] == "ENOSYS"
