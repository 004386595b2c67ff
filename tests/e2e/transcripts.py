#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""transcripts.py: runs workloads of the tests, for readers, and writes docs/transcripts.md.

As root, with a release built. Takes about eight minutes; everything stays on loopback."""

import contextlib
import datetime
import pathlib
import platform
import shutil
import signal
import tempfile
import time

from honest_work import Work
from host import BIN, ROOT, Host, wait_until
from test_benign import ALL
from test_monerod import Monerod
from test_stratum import start_pool

TITLES = {
    "compile": "g++ over the sources of rules/",
    "ffmpeg": "ffmpeg encoding x264",
    "openssl-sha256": "openssl speed sha256",
    "v8": "an integer loop in V8 (node)",
    "grep": "grep -r stratum+tcp, again and again",
    "randomx-verify": "RandomX in short bursts, as a node verifies",
    "interval": "interval arithmetic, which rounds up and down all the time",
}


class Transcript:
    def __init__(self):
        self.text = ""

    def say(self, text):
        self.text += text + "\n\n"
        print(text, flush=True)

    def show(self, host, *arguments):
        """What `minewarden ARGUMENTS` prints, as a block."""
        done = host.run(*arguments, "--socket", host.path("api.sock"))
        shown = f"$ minewarden {' '.join(map(str, arguments))}\n{(done.stdout + done.stderr).rstrip()}"
        self.text += "```\n" + shown.replace(str(BIN), "/usr/bin") + "\n```\n\n"


@contextlib.contextmanager
def host_with(**options):
    host = Host(tempfile.mkdtemp(prefix="mw-"), **options)
    try:
        yield host
    finally:
        host.stop_all()
        shutil.rmtree(host.directory, ignore_errors=True)


def monerod(out):
    out.say("## Debian's monerod: a node, a miner, a node again")
    with host_with(window="10s") as host:
        host.start_standalone()
        node = Monerod(host)
        for _ in range(60):
            node.call("get_info")
            time.sleep(0.5)
        out.say("`monerod --regtest --offline` has run for half a minute and answered RPC calls:")
        out.show(host, "findings")
        begun = node.start_mining()
        finding = host.wait_for_finding(node.child.pid, "mining.pow.cpu", 90)
        out.say(f"Then `start_mining` with one thread. It is found {time.monotonic() - begun:.1f} s later; "
                "most of that time monerod fills its dataset and has not hashed yet. There is no pool and no "
                "network, so the verdict rests on what the thread computes, and says so:")
        out.show(host, "findings", finding["id"][:8])
        out.show(host, "findings", finding["id"][:8], "--verify")
        host.agent.stop()
        host.start_standalone(name="again")
        time.sleep(12)
        out.say("The agent was restarted. The same finding goes on:")
        out.show(host, "findings", "--activity", "mining.pow.cpu")
        asked = time.monotonic()
        node.call("stop_mining")
        host.wait_for_finding(node.child.pid, "mining.pow.cpu", 90, state="closed")
        out.say(f"`stop_mining`. The finding closes {time.monotonic() - asked:.1f} s later:")
        out.show(host, "findings", "--activity", "mining.pow.cpu")


def pools(out):
    out.say("## Pools in clear text")
    with host_with(window="10s") as host:
        host.set_up()
        host.start_collector()
        host.start_agent()
        clients = {}
        for dialect in ("monero", "bitcoin"):
            address = start_pool(host, dialect)
            clients[dialect] = host.lab("client", "--dialect", dialect, "--pool", address, "--seconds", 30)
            clients[dialect].wait_for("logged_in")
        for client in clients.values():
            host.wait_for_finding(client.pid, "mining.pool.client", 5)
        time.sleep(6)
        out.say("A client of the lab in each dialect, on loopback, through agent, CURVE and collector:")
        out.show(host, "findings")
        finding = host.finding_of(clients["bitcoin"].pid, "mining.pool.client")
        out.say("One of them whole, in Chinese:")
        out.show(host, "findings", finding["id"][:8], "--lang", "zh")
        out.show(host, "status")


def honest_work(out):
    out.say("## Honest heavy work\n\nEach for 45 s in the default windows, all watched by one agent.")
    with host_with(window="10s") as host:
        host.set_up()
        host.start_collector()
        host.start_agent()
        rows = "| workload | findings of mining, at any certainty |\n|---|---|\n"
        for name in TITLES:
            before = len(host.findings(activity="mining", current="false"))
            program = ALL[name]
            work = Work(name, program.script, program.proof, 45, program.prepare, program.busy)
            try:
                work.start()
                work.finish()
            finally:
                work.remove()
            after = len(host.findings(activity="mining", current="false"))
            rows += f"| {TITLES[name]} | {after - before} |\n"
        out.say(rows.rstrip())
        out.show(host, "findings")


def burst(out):
    out.say("## A collector killed in a burst")
    with host_with(window="2s") as host:
        host.set_up()
        host.start_collector()
        host.start_agent()
        address = start_pool(host, "bitcoin")
        clients = []
        for _ in range(4):
            clients += [host.lab("client", "--dialect", "bitcoin", "--pool", address, "--seconds", 4)
                        for _ in range(8)]
            time.sleep(0.4)
            host.collector.signal(signal.SIGKILL)
            host.collector.kill()
            host.start_collector()
        pids = {client.pid for client in clients}

        def all_closed():
            found = host.findings(activity="mining.pool.client", state="closed")
            return pids <= {f["subject"]["pid"] for f in found}
        assert wait_until(all_closed, 60)
        versions = [(f["id"], f["version"]) for f in host.findings(current="false")]
        out.say(f"{len(clients)} clients logged in and left while the collector was killed with -9 four times. "
                f"In its store: {len({i for i, _ in versions})} findings in {len(versions)} versions, "
                f"{len(versions) - len(set(versions))} of them twice; numbers missing in the streams: "
                f"{len(host.get('/api/v1/gaps')['gaps'])}.")


def main():
    out = Transcript()
    out.text = (f"# Transcripts\n\nReal runs, written by `tests/e2e/transcripts.py` on {datetime.date.today()}, "
                f"Linux {platform.release()}; the tests beside it assert the same. "
                "Programs of the build tree are shown in /usr/bin.\n\n")
    for part in (monerod, pools, honest_work, burst):
        part(out)
    pathlib.Path(ROOT / "docs/transcripts.md").write_text(out.text.rstrip() + "\n")


if __name__ == "__main__":
    main()
