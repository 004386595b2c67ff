# SPDX-License-Identifier: Apache-2.0
"""A host under test: the built daemons in a directory of their own, driven as a user drives them."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MW_BIN", ROOT / "build/release/bin"))
SANITIZED = "release" not in str(BIN)  # do not count the sanitizer's shadow memory


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_until(done, seconds, step=0.05):
    """The first true value of done(), or None after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := done():
            return value
        time.sleep(step)
    return None


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """A started program; its stderr is kept in a file."""

    def __init__(self, arguments, log, stdout=None):
        self.log = pathlib.Path(log)
        self.ended_by_test = False
        self.stdout = pathlib.Path(stdout) if stdout else self.log
        with open(self.log, "ab") as err, open(self.stdout, "ab") as out:
            self.process = subprocess.Popen(
                [str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def pid(self):
        return self.process.pid

    def is_alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def processes(self):
        """Its pid, and those of its child processes."""
        children = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True, check=False)
        return [self.pid, *map(int, children.stdout.split())]

    def child(self, part):
        """The pid of a part of the collector, "intake" or "store"; None if it does not run now."""
        for pid in self.processes():
            with contextlib.suppress(OSError):  # it may just have ended
                if f"--part\0{part}" in pathlib.Path(f"/proc/{pid}/cmdline").read_text():
                    return pid
        return None

    def signal_all(self, number):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self, seconds=10):
        """Sends SIGTERM. Returns the time until its end, and its exit status."""
        self.ended_by_test = True
        begin = time.monotonic()
        if self.is_alive():
            self.process.terminate()
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.process.args[0]} did not end within {seconds} s") from None
        return time.monotonic() - begin, status

    def kill(self):
        self.ended_by_test = True
        if self.is_alive():
            self.process.kill()
        self.process.wait()

    def text(self):
        return self.log.read_text(errors="replace")


class Lab(Daemon):
    """minewarden-lab; its events are JSON lines."""

    def __init__(self, directory, *arguments):
        handle, out = tempfile.mkstemp(dir=directory, prefix="lab-", suffix=".jsonl")
        os.close(handle)
        super().__init__([BIN / "minewarden-lab", *arguments], out + ".err", out)

    def events(self, name=None):
        found = []
        for line in self.stdout.read_text(errors="replace").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                event = json.loads(line)
                if name in (None, event["event"]):
                    found.append(event)
        return found

    def wait_for(self, name, seconds=10):
        event = wait_until(lambda: (self.events(name) or [None])[0], seconds)
        assert event, f"no {name} within {seconds} s: {self.stdout.read_text()} {self.text()}"
        return event


class Host:
    """One directory with keys, state, sockets and logs."""

    def __init__(self, directory, window="10s"):
        self.directory = pathlib.Path(directory)
        self.window = window
        self.children = []
        self.daemons = []
        self.collector = None
        self.agent = None
        self.collector_settings = {}  # of that section, that differ from the defaults

    # --- files and commands

    def path(self, name):
        return self.directory / name

    def run(self, *arguments, check=True, program="minewarden", **options):
        done = subprocess.run([str(BIN / program), *map(str, arguments)], capture_output=True,
                              text=True, timeout=60, **options)
        assert not check or done.returncode == 0, done.stderr
        return done

    def set_up(self, **agent):
        """Keys, enrolment and a configuration for both daemons; `agent`: settings of that section."""
        for name in ("agent", "collector"):
            self.run("keys", "generate", self.path(f"{name}.key"))
        self.run("keys", "enroll", self.path("agent.pub"), "--name", "test-host", "--enrolled",
                 self.path("enrolled"))
        self.write_config(**agent)

    def write_config(self, **agent):
        at = self.directory
        settings = {"collector": f"ipc://{at}/intake.sock", "collector_key": f"{at}/collector.pub",
                    "key": f"{at}/agent.key", "name": "test-host", "heartbeat": "1s",
                    "window": self.window, **agent}
        collector = {"listen": f"ipc://{at}/intake.sock", "key": f"{at}/collector.key",
                     "enrolled": f"{at}/enrolled", "database": f"{at}/collector.sqlite",
                     **self.collector_settings}
        lines = [f"state: {{dir: {at}/state}}", f"api: {{socket: {at}/api.sock}}"]
        for name, section in (("collector", collector), ("agent", settings)):
            lines += [f"{name}:", *(f"  {key}: {json.dumps(value, default=str)}" for key, value in section.items())]
        self.path("minewarden.yaml").write_text("\n".join(lines) + "\n")

    # --- daemons

    def start_collector(self):
        self.collector = Daemon([BIN / "minewarden-collector", "--config", self.path("minewarden.yaml")],
                                self.path("collector.log"))
        self.keep_daemon(self.collector)
        assert wait_until(lambda: self.try_get("/readyz"), 15), self.collector.text()
        return self.collector

    def keep_daemon(self, daemon):
        """Stopped with the others; end_daemons() checks its end."""
        self.children.append(daemon)
        self.daemons.append(daemon)

    def start_agent(self, *more):
        begun = self.log_marks()
        self.agent = Daemon(
            [BIN / "minewarden-agent", "--config", self.path("minewarden.yaml"), *more],
            self.path("agent.log"))
        self.keep_daemon(self.agent)
        assert wait_until(lambda: self.log_marks() > begun or not self.agent.is_alive(), 15)
        assert self.agent.is_alive(), self.agent.text()
        return self.agent

    def log_marks(self):
        log = self.path("agent.log")
        return log.read_text(errors="replace").count("uplink: connected") if log.exists() else 0

    def start_standalone(self, *more, name="standalone"):
        out = self.path(f"{name}.jsonl")
        log = self.path(f"{name}.log")
        begun = log.read_text().count("standalone: watching") if log.exists() else 0
        self.agent = Daemon(
            [BIN / "minewarden-agent", "--standalone", "-o", f"state.dir={self.path('state')}", "-o",
             f"api.socket={self.path('api.sock')}", "-o", f"agent.window={self.window}", "-o",
             "agent.output=jsonl", *more], log, out)
        self.keep_daemon(self.agent)
        assert wait_until(lambda: self.agent.text().count("standalone: watching") > begun and
                          self.try_get("/readyz"), 15), self.agent.text()
        return self.agent

    def lab(self, *arguments):
        child = Lab(self.directory, *map(str, arguments))
        self.children.append(child)
        return child

    def spawn(self, arguments, **options):
        child = Daemon(arguments, self.path(f"child-{len(self.children)}.log"), **options)
        self.children.append(child)
        return child

    def end_daemons(self):
        """Daemons that the test has not stopped must still run, and must stop without error: otherwise the
        content of the store proves nothing."""
        for daemon in reversed(self.daemons):
            if daemon.ended_by_test:
                continue
            name = pathlib.Path(str(daemon.process.args[0])).name
            assert daemon.is_alive(), f"{name} ended by itself: {daemon.text()[:6000]}"
            daemon.signal(signal.SIGCONT)
            _, status = daemon.stop(20)
            assert status == 0, f"{name} ended with {status}: {daemon.text()[:6000]}"
        self.daemons.clear()

    def stop_all(self):
        for child in reversed(self.children):
            with contextlib.suppress(AssertionError):
                child.stop(3)
        self.children.clear()

    # --- API

    def connect(self):
        connection = UnixConnection(self.path("api.sock"), 20)
        connection.connect()
        return connection.sock

    def get(self, path, timeout=20, **query):
        connection = UnixConnection(self.path("api.sock"), timeout)
        text = path + ("?" + urllib.parse.urlencode(query) if query else "")
        connection.request("GET", text)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status < 400, (answer.status, body)
        return body if "json" not in answer.headers.get("Content-Type", "") else json.loads(body)

    def try_get(self, path, **query):
        try:
            return self.get(path, timeout=3, **query)
        except (OSError, AssertionError, http.client.HTTPException):
            return None

    def findings(self, **query):
        """Summaries of all findings, newest first (their current versions unless current=false is asked)."""
        found = []
        while True:
            page = self.get("/api/v1/findings", limit=1000, **query)
            found += page["findings"]
            if not page["before"]:
                return found
            query["before"] = page["before"]

    def whole(self, finding):
        """The current version of a finding, with its evidence."""
        return self.get(f"/api/v1/findings/{finding['id']}")

    def watched(self, windows):
        """True if its agent runs and has judged that many windows."""
        beat = self.get("/api/v1/agents")["agents"][0]["heartbeat"]
        return self.agent.is_alive() and beat["windows"] >= windows

    def finding_of(self, pid, activity):
        """The whole finding of a process, if there is one."""
        for finding in self.findings(activity=activity):
            if finding["subject"]["pid"] == pid:
                return self.whole(finding)
        return None

    def wait_for_finding(self, pid, activity, seconds, certainty=("probable", "confirmed"),
                         state="open"):
        def found():
            finding = self.finding_of(pid, activity)
            good = finding and finding["certainty"] in certainty and finding["state"] == state
            return finding if good else None
        return wait_until(found, seconds)
