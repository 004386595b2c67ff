# SPDX-License-Identifier: Apache-2.0
"""One honest workload at a time in a cgroup of its own: what it used, which processes it had, and whether
its own output says that it did its work."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

from host import wait_until


def cgroup2():
    """Where the cgroup2 tree of this host is mounted."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, kind = line.partition(" - ")
        if kind.startswith("cgroup2 "):
            return pathlib.Path(fields.split()[4])
    return None


class Cgroup:
    """All processes of a workload stay in it, including forks."""

    def __init__(self, name):
        root = cgroup2()
        assert root, "no cgroup2 mount"
        self.path = root / f"minewarden-e2e-{os.getpid()}-{name}"
        self.path.mkdir()

    def enter(self):
        (self.path / "cgroup.procs").write_text("0")

    def cpu_seconds(self):
        usage = re.search(r"usage_usec (\d+)", (self.path / "cpu.stat").read_text())
        return int(usage[1]) / 1e6

    def pids(self):
        return {int(pid) for pid in (self.path / "cgroup.procs").read_text().split()}

    def remove(self):
        """Kills the remaining processes of this cgroup, by their ids."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            if wait_until(lambda: not self.pids(), 5):
                break
        wait_until(lambda: not self.pids(), 5)
        self.path.rmdir()


class Work:
    """A running workload.

    `script` runs in bash with $S (seconds to last), $D (a directory of its own) and $BIN set. What takes
    time before the work begins goes into `prepare`, in the same cgroup."""

    def __init__(self, name, script, proof, seconds, prepare="", busy=0.1, environment=None):
        self.name, self.proof, self.seconds, self.busy = name, proof, seconds, busy
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"mw-{name}-"))
        self.directory.chmod(0o755)
        self.log = self.directory / "out.log"
        self.cgroup = Cgroup(name)
        self.environment = {**os.environ, "S": str(seconds), "D": str(self.directory), "LC_ALL": "C",
                            **(environment or {})}
        self.process = None
        self.stopping = threading.Event()
        self.seen = set()      # all pids so far
        self.shares = []       # of one core, for each second
        if prepare:
            done = self.spawn(prepare)
            assert done.wait(300) == 0, f"{name} could not be prepared: {self.text()}"
        self.script = script

    def spawn(self, script):
        with open(self.log, "ab") as log:
            return subprocess.Popen(["bash", "-c", "set -e; " + script], stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, cwd=self.directory, env=self.environment,
                                    preexec_fn=self.cgroup.enter)

    def text(self):
        return self.log.read_text(errors="replace")[-4000:]

    def start(self):
        self.process = self.spawn(self.script)
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()

    def watch(self):
        before, then = self.cgroup.cpu_seconds(), time.monotonic()
        while not self.stopping.wait(1) and self.process.poll() is None:
            used, now = self.cgroup.cpu_seconds(), time.monotonic()
            self.shares.append((used - before) / (now - then))
            before, then = used, now
            self.seen |= self.cgroup.pids()

    def finish(self):
        """Waits for its end. It must end by itself, in time, after continuous work."""
        try:
            status = self.process.wait(self.seconds + 90)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} does not end: {self.text()}") from None
        self.watcher.join()
        assert status == 0, f"{self.name} ended with {status}: {self.text()}"
        assert re.search(self.proof, self.log.read_text(errors="replace")), \
            f"{self.name} does not say that it worked (/{self.proof}/): {self.text()}"
        assert len(self.shares) >= 0.7 * self.seconds, \
            f"{self.name} lived {len(self.shares)} of {self.seconds} s: {self.text()}"
        busy = sum(share >= self.busy for share in self.shares)
        assert busy >= 0.5 * len(self.shares), \
            f"{self.name} used {self.busy} of a core in only {busy} of {len(self.shares)} s"
        return self

    def summary(self):
        mean = sum(self.shares) / max(1, len(self.shares))
        return f"{self.name}: {len(self.shares)} s, {mean:.2f} cores, {len(self.seen)} processes seen"

    def remove(self):
        self.stopping.set()
        if self.process:
            self.watcher.join()
        self.cgroup.remove()
        if self.process:
            self.process.wait()
        subprocess.run(["rm", "-rf", str(self.directory)], check=True)
