# SPDX-License-Identifier: Apache-2.0
"""What honest agents notice of an attack on their collector: the same fleet with and without it."""

import shutil
import tempfile

from attacked import ATTACKS, Collector, result
from host import Host

AGENTS = 5
RATE = 2000  # findings a second of all of them


def measure(bench):
    host = Host(tempfile.mkdtemp(prefix="mw-"))
    try:
        collector = Collector(host)
        honest = collector.keys("honest", AGENTS)
        seconds = 2 if bench.smoke else 20
        fleet = lambda: result(  # noqa: E731
            collector.fleet("honest", honest, seconds, "--rate", str(RATE)), seconds + 90)
        alone = fleet()
        bench.add(f"{AGENTS} agents, {RATE:,} findings/s, acknowledged after", text(alone), "-", None)
        for attack in ATTACKS[:1] if bench.smoke else ATTACKS:
            attackers = collector.keys(f"attacker-{attack}", 2)
            attacking = collector.fleet(attack, attackers, seconds + 2)
            served = fleet()
            result(attacking, 60)
            bench.add(f"the same while two keys attack: {attack}", text(served), "p99 <= 2 s, none lost",
                      served["ack_ms_p99"] <= 2000 and served["acknowledged"] >= 0.99 * alone["acknowledged"])
        bench.add("intake process after it, at most", f"{collector.memory_mib():.0f} MiB, "
                  f"{collector.metric('intake_restarts_total'):.0f} restarts", "-", None)
    finally:
        host.stop_all()
        shutil.rmtree(host.directory, ignore_errors=True)


def text(served):
    return f"median {served['ack_ms_p50']:.0f} ms, p99 {served['ack_ms_p99']:.0f} ms"
