# SPDX-License-Identifier: Apache-2.0
"""A collector that peers attack while a fleet of made-up agents sends (tests/fleet)."""

import json
import re
import subprocess
import time

from host import BIN, free_ports

ATTACKS = ["hellos", "resets", "handshakes", "idle", "large"]


class Collector:
    """A collector on a TCP port, and the keys of a fleet."""

    def __init__(self, host):
        self.host = host
        self.endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
        host.collector_settings = {"listen": self.endpoint, "records_per_minute": 10_000_000}
        host.set_up()
        host.start_collector()
        self.stored = 0

    def keys(self, kind, count):
        paths = [self.host.path(f"{kind}-{i}.key") for i in range(count)]
        for path in paths:
            if not path.exists():
                self.host.run("keys", "generate", path)
                self.host.run("keys", "enroll", path.with_suffix(".pub"), "--name", path.stem, "--enrolled",
                              self.host.path("enrolled"))
        time.sleep(1.5)  # the collector looks twice a second
        return paths

    def fleet(self, kind, keys, seconds, *more):
        return subprocess.Popen(
            [BIN / "minewarden-fleet", kind, self.endpoint, self.host.path("collector.pub"), str(seconds),
             *map(str, keys), *more], stdout=subprocess.PIPE, text=True)

    def part(self, name):
        """The process of a part of the collector."""
        return self.host.collector.child(name)

    def metric(self, name):
        text = self.host.get("/metrics").decode()
        return float(re.search(rf"^minewarden_{name} (\S+)$", text, re.MULTILINE)[1])

    def memory_mib(self):
        with open(f"/proc/{self.part('intake')}/status", encoding="utf-8") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024

    def findings_stored(self):
        classes = self.host.get("/api/v1/status")["store"]["classes"]
        return classes["findings"]["rows"]


def result(process, seconds):
    out, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, out
    return json.loads(out)
