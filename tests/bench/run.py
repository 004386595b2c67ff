#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [--smoke | --write | --peers] [ROW...]: measures what the agent costs and prints a table; --write
puts it into docs/performance.md, --smoke only shows that every row can be measured. --peers measures other
programs that watch the same events beside it and writes their table; auditd comes last and leaves every
process forked meanwhile on a slower path until the next boot, so nothing may be measured after it.

Ratios are with/without the agent: pairs one after the other, the order turned around in each, the median
of the pairs and the middle half of them as spread. Loads are pinned to CPU 1 where that steadies them."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
import attacks  # noqa: E402
from host import BIN, Host  # noqa: E402
from postgres import Postgres  # noqa: E402

CLOCK_TICK = os.sysconf("SC_CLK_TCK")

# load -> operations in one measurement, target of the ratio
LOADS = {
    "getppid": (20_000_000, 1.02),
    "fork-exec": (4_000, 1.03),
    "connect": (60_000, 1.05),
    "bulk": (60_000, 1.02),
    "request-response": (200_000, 1.03),
    "udp-echo": (200_000, 1.03),
}
P99_TARGET = 1.05


class Bench:
    def __init__(self, smoke):
        self.smoke = smoke
        self.pairs = 1 if smoke else 5
        self.host = Host(tempfile.mkdtemp(prefix="mw-"), window="10s")
        self.host.set_up()
        self.host.start_collector()
        self.rows = []

    def close(self):
        self.host.stop_all()
        shutil.rmtree(self.host.directory, ignore_errors=True)

    def add(self, what, measured, target, met):
        self.rows.append((what, measured, target, {True: "yes", False: "**no**", None: ""}[met]))
        print(f"{what}: {measured} (target {target})", flush=True)

    def start_agent(self):
        self.host.start_agent()
        time.sleep(1.0 if not self.smoke else 0.2)  # loading the programs is over

    def stop_agent(self):
        self.host.agent.stop()
        self.host.children.remove(self.host.agent)
        time.sleep(0.2)

    def load(self, name, count):
        environment = {**os.environ, "LOADS_TRUE": str(BIN / "minewarden-true")}
        done = subprocess.run([BIN / "minewarden-loads", name, str(count)], env=environment,
                              capture_output=True, text=True, check=True)
        return [float(number) for number in done.stdout.split()]

    def ratio(self, name):
        count, target = LOADS[name]
        count = count // 50 if self.smoke else count
        ratios, slow, plain = [], [], []
        for pair in range(self.pairs):
            values = {}
            for with_agent in ((True, False) if pair % 2 else (False, True)):
                if with_agent:
                    self.start_agent()
                values[with_agent] = self.load(name, count)
                if with_agent:
                    self.stop_agent()
            ratios.append(values[True][0] / values[False][0])
            plain.append(values[False][0])
            if len(values[True]) > 1:
                slow.append(values[True][1] / values[False][1])
        median = statistics.median(ratios)
        low, high = spread(ratios)
        self.add(f"{name} (with/without)",
                 f"{median:.3f} [{low:.3f}, {high:.3f}], {statistics.median(plain):,.0f} ns without",
                 f"<= {target}", median <= target)
        if slow:
            low, high = spread(slow)
            median = statistics.median(slow)
            self.add(f"{name}, 99th percentile (with/without)",
                     f"{median:.3f} [{low:.3f}, {high:.3f}]", f"<= {P99_TARGET}", median <= P99_TARGET)

    # --- rows

    def row_getppid(self):
        self.ratio("getppid")

    def row_fork_exec(self):
        self.ratio("fork-exec")

    def row_connect(self):
        self.ratio("connect")

    def row_bulk(self):
        self.ratio("bulk")

    def row_request_response(self):
        self.ratio("request-response")

    def row_udp_echo(self):
        self.ratio("udp-echo")

    def row_short_connections(self):
        """Whether all were seen or counted is a test (flow_bpf_test); here is what it costs."""
        self.start_agent()
        count = 2_000 if self.smoke else 200_000
        before = cpu_ns(self.host.agent.pid)
        began = time.monotonic()
        self.load("connect", count)
        seconds = time.monotonic() - began
        time.sleep(1.5)  # the last heartbeat
        share = (cpu_ns(self.host.agent.pid) - before) / 1e9 / seconds
        drops = self.host.get("/api/v1/agents")["agents"][0]["heartbeat"]["drops"]
        lost = sum(d["count"] for d in drops if d["place"].startswith("FLOW_OPEN"))
        self.stop_agent()
        self.add(f"{count:,} short connections one after the other",
                 f"{count / seconds:,.0f}/s, agent {100 * share:.1f} % of a core, {lost} openings lost and counted",
                 "no uncounted loss", None)

    def row_sampling(self):
        for threads, target in ((1, 0.1), (256, 1.0)):
            seconds = 4 if self.smoke else 20
            self.start_agent()
            time.sleep(0 if self.smoke else 10)
            before = cpu_ns(self.host.agent.pid)
            time.sleep(seconds)
            quiet = cpu_ns(self.host.agent.pid) - before
            spin = subprocess.Popen([BIN / "minewarden-loads", "spin", str(seconds + 12)],
                                    stdout=subprocess.DEVNULL,
                                    env={**os.environ, "LOADS_THREADS": str(threads)})
            time.sleep(1 if self.smoke else 10)
            before = cpu_ns(self.host.agent.pid)
            time.sleep(seconds)
            busy = cpu_ns(self.host.agent.pid) - before
            spin.kill()
            spin.wait()
            self.stop_agent()
            share = (busy - quiet) / 1e7 / seconds
            self.add(f"{threads} hot threads, CPU of the agent that they add, of one core",
                     f"{share:.3f} %", f"<= {target} %", share <= target)

    def row_idle(self):
        seconds = 3 if self.smoke else 60
        self.start_agent()
        time.sleep(0 if self.smoke else 10)
        before = cpu_ticks(self.host.agent.pid)
        time.sleep(seconds)
        used = (cpu_ticks(self.host.agent.pid) - before) / CLOCK_TICK
        share = 100 * used / seconds
        resident = status_kib(self.host.agent.pid, "VmRSS") / 1024
        peak = status_kib(self.host.agent.pid, "VmHWM") / 1024
        self.stop_agent()
        self.add(f"agent idle for {seconds} s, of one core", f"{share:.3f} %", "<= 0.1 %", share <= 0.1)
        self.add("agent resident", f"{resident:.1f} MiB (peak {peak:.1f})", "<= 24 MiB", resident <= 24)

    def row_window(self):
        count = 50 if self.smoke else 2000
        windows = 1 if self.smoke else 3
        self.start_agent()

        def cpu_of_windows():
            before = cpu_ns(self.host.agent.pid)
            time.sleep(10 * windows)
            return (cpu_ns(self.host.agent.pid) - before) / windows / 1e6

        idle = cpu_of_windows() if not self.smoke else 0
        children = [subprocess.Popen(["sleep", "1000"]) for _ in range(count)]
        time.sleep(12 if not self.smoke else 1)
        busy = cpu_of_windows()
        for child in children:
            child.kill()
        for child in children:
            child.wait()
        self.stop_agent()
        # Without the processes the agent still drains its ring and samples; that is in the idle row.
        self.add(f"window over {count:,} processes, CPU of the agent that they add",
                 f"{busy - idle:.2f} ms ({busy:.2f} ms in 10 s with them, {idle:.2f} ms without)",
                 "<= 5 ms", busy - idle <= 5)

    def row_pulls(self):
        """By each way that this kernel has (docs/kernels.md), whatever way the agent would take."""
        processes = 100 if self.smoke else 2000
        done = subprocess.run([BIN / "minewarden-pull-bench", str(processes)], capture_output=True, text=True,
                              check=True)
        seen = set()
        for row in json.loads(done.stdout):
            if (row["what"], row["source"]) in seen:
                continue
            seen.add((row["what"], row["source"]))
            self.add(f"one pull of the {row['what']}, {processes:,} processes, {10 * processes:,} descriptors, "
                     f"by {row['source']}", f"{row['cpu_us'] / 1000:.2f} ms of CPU", "-", None)

    def row_latency(self):
        clients = 2 if self.smoke else 50
        self.start_agent()
        sys.path.insert(0, str(ROOT / "tests/e2e"))
        from test_stratum import received_after, start_pool
        address = start_pool(self.host, "monero")
        delays = []
        for _ in range(clients):
            client = self.host.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 4)
            job = client.wait_for("job_received")
            finding = self.host.wait_for_finding(client.pid, "mining.pool.client", 4)
            delays.append(received_after(self.host, finding, job))
            client.stop()
        self.stop_agent()
        p95 = statistics.quantiles(delays, n=20)[18] if len(delays) > 2 else max(delays)
        self.add(f"first job of plaintext Stratum to committed probable finding, {clients} clients",
                 f"median {statistics.median(delays):.2f} s, p95 {p95:.2f} s", "p95 <= 2 s", p95 <= 2)

    def row_rules(self):
        options = ["--benchmark_min_time=0.1"] if self.smoke else ["--benchmark_repetitions=5"]
        done = subprocess.run(["taskset", "-c", "1", BIN / "minewarden-rules-bench",
                               "--benchmark_format=json", *options], capture_output=True, text=True,
                              check=True)
        rates = [run["items_per_second"] for run in json.loads(done.stdout)["benchmarks"]
                 if run["run_type"] == "iteration"]
        low, high = spread(rates)
        median = statistics.median(rates)
        self.add("rule evaluation, 200 rules, one core",
                 f"{median / 1e6:.2f} M observations/s [{low / 1e6:.2f}, {high / 1e6:.2f}]",
                 ">= 1 M/s", median >= 1e6)

    def row_randomx(self):
        """First hash to `probable`, nothing of the network to be seen, two workers at a time."""
        rounds = 1 if self.smoke else 3
        limit = 60
        self.start_agent()
        delays, missed = [], 0
        for _ in range(rounds):
            workers = [self.host.lab("randomx", "--seconds", limit + 10) for _ in range(2)]
            for worker in workers:
                began = worker.wait_for("hashing_started", 30)
                found = self.host.wait_for_finding(worker.pid, "mining.pow.cpu", limit + 5)
                if not found:
                    missed += 1
                    continue
                delays.append(seconds_between(began["time"], first_probable(self.host, found)))
            for worker in workers:
                worker.stop()
        self.stop_agent()
        p95 = statistics.quantiles(delays, n=20)[18] if len(delays) > 2 else max(delays)
        recall = 100 * len(delays) / (len(delays) + missed)
        self.add(f"RandomX, network hidden: first hash to probable, {2 * rounds} workers",
                 f"median {statistics.median(delays):.0f} s, p95 {p95:.0f} s, recall {recall:.0f} %",
                 "p95 <= 60 s, recall >= 99 %", p95 <= 60 and recall >= 99)

    def bpf_programs(self):
        """Verifier and run time per program, over a mix of the loads."""
        switch = pathlib.Path("/proc/sys/kernel/bpf_stats_enabled")
        before = switch.read_text()
        switch.write_text("1")
        try:
            self.start_agent()
            for name, (count, _) in LOADS.items():
                self.load(name, count // (500 if self.smoke else 20))
            time.sleep(1 if self.smoke else 21)  # two windows
            done = subprocess.run([BIN / "minewarden-bpf-cost", str(self.host.agent.pid)],
                                  capture_output=True, text=True, check=True)
            self.stop_agent()
        finally:
            switch.write_text(before)
        return [(p["name"], f"{p['verified_instructions']:,}", f"{p['machine_bytes']:,}",
                 f"{p['nanoseconds'] / p['runs']:,.0f} ns" if p["runs"] else "not run")
                for p in sorted(json.loads(done.stdout), key=lambda p: p["name"])]

    def intake_rates(self, database=lambda: []):
        """Median and spread; `database` gives the options for an empty one."""
        options = ["--findings", "20000"] if self.smoke else []
        rates = []
        for _ in range(1 if self.smoke else 5):
            done = subprocess.run([BIN / "minewarden-intake-bench", *options, *database()],
                                  capture_output=True, text=True, check=True)
            rates.append(json.loads(done.stdout.splitlines()[-1])["findings_per_second"])
        low, high = spread(rates)
        median = statistics.median(rates)
        return median, f"{median:,.0f} findings/s [{low:,.0f}, {high:,.0f}]"

    def row_intake(self):
        median, text = self.intake_rates()
        self.add("intake, durable, acked after commit, client on the same cores", text, ">= 80,000/s",
                 median >= 80_000)

    def row_intake_postgres(self):
        server = Postgres()
        try:
            def empty_database():
                server.client("dropdb", "--if-exists", "bench")
                server.client("createdb", "bench")
                return ["--database", server.uri("bench")]
            _, text = self.intake_rates(empty_database)
            self.add("the same into PostgreSQL (fsync), server on the same cores", text, "none", None)
            server.run("standby")
            _, text = self.intake_rates(empty_database)
            self.add("the same with a synchronous standby, also on the same cores", text, "none", None)
        finally:
            server.run("stop")

    def row_attacks(self):
        attacks.measure(self)


def seconds_between(begin, end):
    parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))  # noqa: E731
    return (parse(end) - parse(begin)).total_seconds()


def first_probable(host, finding):
    versions = host.get(f"/api/v1/findings/{finding['id']}")["history"]
    return min(v["received_at"] for v in versions if v["certainty"] in ("probable", "confirmed"))


def spread(values):
    """The middle half."""
    if len(values) < 4:
        return min(values), max(values)
    quarters = statistics.quantiles(values, n=4)
    return quarters[0], quarters[2]


def cpu_ns(pid):
    """Exact CPU time of all threads (schedstat), in nanoseconds."""
    return sum(int(p.read_text().split()[0])
               for p in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


def cpu_ticks(pid):
    return cpu_ns(pid) / 1e9 * CLOCK_TICK


def status_kib(pid, key):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1))


def cpu_model():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    return re.search(r"model name\s*: (.*)", text).group(1)


def table(rows, head=("what", "measured", "target", "met")):
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def write(name, text):
    """Puts a table between its two marks in docs/performance.md."""
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True,
                            text=True).stdout.strip()
    head = (f"Measured {datetime.date.today()} at commit {commit} by `tests/bench/run.py` on "
            f"{os.cpu_count()} cores of {cpu_model()}, Linux {platform.release()}, "
            f"{platform.freedesktop_os_release()['PRETTY_NAME']}.\n\n")
    path = ROOT / "docs/performance.md"
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before, rest = path.read_text().split(begin)
    path.write_text(before + begin + head + text + end + rest.split(end)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    options = parser.parse_args()
    names = [n[4:] for n in vars(Bench) if n.startswith("row_")]
    unknown = set(options.rows) - set(names)
    if unknown or (options.write and options.rows):
        parser.error(f"rows are: {' '.join(names)}; --write takes all of them")
    # The kernel keeps 15 bytes of the name.
    if not options.smoke and subprocess.run(["pgrep", "-x", "minewarden-agen"], check=False,
                                            stdout=subprocess.DEVNULL).returncode == 0:
        parser.exit(69, "another minewarden-agent runs here: stop it, or nothing is without an agent\n")
    bench = Bench(options.smoke)
    try:
        if options.peers:
            import peers
            write("peers", table(peers.measure(bench), peers.HEAD))
            return
        for name in options.rows or names:
            getattr(bench, "row_" + name)()
        programs = [] if options.rows else bench.bpf_programs()
    finally:
        bench.close()
    print("\n" + table(bench.rows))
    bpf = table(programs, ("program", "verified instructions", "machine code bytes", "mean run"))
    if programs:
        print(bpf)
    if options.write:
        write("table", table(bench.rows))
        write("bpf", bpf)


if __name__ == "__main__":
    main()
