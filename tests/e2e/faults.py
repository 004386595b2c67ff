# SPDX-License-Identifier: Apache-2.0
"""Daemons that a test starts and ends itself, loads for them, and disks that fill up."""

import contextlib
import pathlib
import subprocess
import sys
import time

from host import BIN, Daemon, wait_until

HERE = pathlib.Path(__file__).parent
WINDOW = "1s"
SETTLE = 1.5  # a window and a heartbeat, in seconds


def spawn_collector(host):
    """As start_collector, but does not wait."""
    host.collector = Daemon([BIN / "minewarden-collector", "--config", host.path("minewarden.yaml")],
                            host.path("collector.log"))
    host.keep_daemon(host.collector)


def spawn_agent(host, *more):
    host.agent = Daemon([BIN / "minewarden-agent", "--config", host.path("minewarden.yaml"), *more],
                        host.path("agent.log"))
    host.keep_daemon(host.agent)


def flood(host, address, count, at_once=8):
    ip, port = address.rsplit(":", 1)
    out = host.path(f"flood-{len(host.children)}.out")
    child = Daemon([sys.executable, HERE / "flood.py", ip, port, count, at_once],
                   str(out) + ".err", out)
    host.children.append(child)
    return child


def heartbeat(host):
    agents = (host.try_get("/api/v1/agents") or {}).get("agents")
    return agents[0]["heartbeat"] if agents else None


def fresh_heartbeat(host):
    """Returns a function that returns the next heartbeat, once there is one."""
    before = heartbeat(host)

    def fresh():
        beat = heartbeat(host)
        return beat if beat and (not before or beat["received_at"] != before["received_at"]) else None
    return fresh


def drained(host, seconds=60):
    """Waits until all records of the agent are acknowledged, including those of the next window."""
    def wait(limit):
        fresh = fresh_heartbeat(host)

        def done():
            beat = fresh()
            return beat and beat["outbox_records"] == 0
        assert wait_until(done, limit, 0.5), heartbeat(host)
    wait(seconds)
    time.sleep(SETTLE)
    wait(15)


def has_all(host, *loads):
    """Each process of the loads has its finding, closed."""
    pids = {int(line) for load in loads for line in load.stdout.read_text().split()}
    found = host.findings(activity="mining.pool.client", state="closed")
    return pids and pids <= {f["subject"]["pid"] for f in found}


def stop_both(host):
    host.agent.stop()
    host.collector.stop()
    host.witness.stop()


def visibility(host, **query):
    return host.get("/api/v1/visibility", **query)["visibility"]


def wait_visible(host, seconds=20, **wanted):
    """The first visibility record with these values."""
    def found():
        for record in visibility(host, limit=1000):
            if all(record[key] == value for key, value in wanted.items()):
                return record
        return None
    return wait_until(found, seconds, 0.2)


def memory_of(daemon):
    """Resident bytes of all its processes."""
    total = 0
    for pid in daemon.processes():
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
    return total


@contextlib.contextmanager
def small_disk(path, megabytes):
    path.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def fill(path):
    """Uses up the free space."""
    filler = path / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    return filler
