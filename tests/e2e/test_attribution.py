# SPDX-License-Identifier: Apache-2.0
"""Attribution: workloads in cgroups of this host, pid and time namespaces, reused pids."""

import contextlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import time

import pytest

from host import BIN, wait_until
from test_stratum import start_pool

CONTAINER = "3f4e5d6c7b8a90112233445566778899aabbccddeeff00112233445566778899"
OTHER = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
POD = "8d5a1c2e-3b4f-4a6d-9e8f-0123456789ab"


def mounts_of(kind, option=""):
    """Mount points of whole cgroup hierarchies."""
    found = []
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        filesystem, _, options = rest.split(" ", 2)
        if filesystem == kind and fields.split()[3] == "/" and (not option or option in options.split(",")):
            found.append(pathlib.Path(fields.split()[4]))
    return found


def hierarchy(kind, option=""):
    mounts = mounts_of(kind, option)
    if not mounts:
        pytest.skip(f"no {kind} {option} hierarchy here")
    return mounts[0]


@pytest.fixture
def cgroup():
    """cgroup(mount, "docker/x") creates a cgroup; it and its processes are removed at the end."""
    made = []

    def make(mount, path):
        at = mount
        for part in path.strip("/").split("/"):
            at = at / part
            if not at.exists():
                at.mkdir()
                made.append(at)
        return at
    yield make
    for at in reversed(made):
        for pid in (at / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        wait_until(lambda: try_remove(at), 5)


def try_remove(directory):
    try:
        directory.rmdir()
        return True
    except OSError:
        return False


def client_in(host, groups, *options, seconds=20, wrapper=()):
    """A lab client started in cgroups; it keeps the spawned pid."""
    address = start_pool(host, "monero")
    enter = " && ".join(f"echo $$ > {shlex.quote(str(group / 'cgroup.procs'))}" for group in groups) or "true"
    command = [BIN / "minewarden-lab", "client", "--dialect", "monero", "--pool", address,
               "--seconds", seconds, *options]
    return host.spawn(["sh", "-c", enter + ' && exec "$@"', "sh", *wrapper, *command])


LAYOUTS = {
    "docker": (f"docker/{CONTAINER}",
               {"kind": "container", "runtime": "docker", "container": CONTAINER,
                "label": "docker 3f4e5d6c7b8a"}),
    "pod": (f"kubepods/burstable/pod{POD}/{CONTAINER}",
            {"kind": "pod", "pod": POD, "container": CONTAINER}),
    "nested": (f"docker/{OTHER}/docker/{CONTAINER}",
               {"kind": "container", "container": CONTAINER, "outer": "docker 001122334455"}),
    "unit": ("system.slice/minewarden-test.service",
             {"kind": "systemd-unit", "unit": "minewarden-test.service", "container": ""}),
    "build-step": ("system.slice/docker.service/buildkit/k7d2m5x0q9v3n8b1c4z6w0r2t",
                   {"kind": "container", "runtime": "buildkit", "container": "k7d2m5x0q9v3n8b1c4z6w0r2t",
                    "unit": ""}),
    "job": ("slurm/uid_1000/job_123/step_0/task_0",
            {"kind": "job", "runtime": "slurm", "group": "123", "step": "0", "user": "1000"}),
    "machine": ("machine.slice/machine-qemu\\x2d3\\x2dtenant\\x2da.scope/libvirt/emulator",
                {"kind": "virtual-machine", "container": "qemu-3-tenant-a"}),
    "unit-in-lxc": ("lxc.payload.tenant_a/system.slice/nginx.service",
                    {"kind": "container", "container": "tenant_a", "unit": "nginx.service",
                     "label": "nginx.service in lxc tenant_a", "named_by": "container"}),
    "claim": (f"user.slice/user-1000.slice/user@1000.service/docker-{CONTAINER}.scope",
              {"kind": "session", "user": "1000", "runtime": "", "container": "", "named_by": "user",
               "claim": "docker 3f4e5d6c7b8a"}),
    "form": ("default/myapp", {"kind": "container", "container": "myapp", "named_by": "form"}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_most_specific_path_names_the_workload(fleet, cgroup, layout):
    """The v1 path on a hybrid host, where the v2 path is the root; the v2 path on a host with only v2."""
    mounts = mounts_of("cgroup", "memory") or mounts_of("cgroup2")
    if not mounts:
        pytest.skip("no cgroup hierarchy here")
    path, expected = LAYOUTS[layout]
    client = client_in(fleet, [cgroup(mounts[0], path)])
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding, client.text()
    workload = finding["subject"]["workload"]
    assert workload | expected == workload
    assert workload["path"] == "/" + path
    shown = fleet.run("findings", finding["id"], "--socket", fleet.path("api.sock")).stdout
    assert workload["label"] in shown
    assert workload["path"].replace("\\", "\\\\") in shown  # as escaped for a terminal


def test_a_process_without_a_cgroup_belongs_to_the_host(fleet):
    client = client_in(fleet, [m for m in mounts_of("cgroup") + mounts_of("cgroup2")])
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding["subject"]["workload"]["kind"] == "host"


def first_hierarchy():
    mounts = mounts_of("cgroup", "memory") or mounts_of("cgroup2")
    if not mounts:
        pytest.skip("no cgroup hierarchy here")
    return mounts[0]


def note_of(finding, name):
    notes = [note for note in finding["subject"]["notes"] if note["name"] == name]
    assert len(notes) == 1, finding["subject"]["notes"]
    return notes[0]["text"]


def test_a_process_of_the_root_cgroup_in_other_namespaces_does_not_belong_to_the_host(fleet):
    client = client_in(fleet, [m for m in mounts_of("cgroup") + mounts_of("cgroup2")],
                       wrapper=["unshare", "--mount"])
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding, client.text()
    assert finding["subject"]["workload"]["kind"] == "unknown"
    assert finding["subject"]["workload"]["doubt"] == "other-namespaces"
    text = note_of(finding, "other-namespaces")
    for language in ("en", "zh"):
        shown = fleet.run("findings", finding["id"], "--socket", fleet.path("api.sock"), "--lang",
                          language).stdout
        assert text[language][:12] in shown


def test_a_workload_below_a_users_cgroup_is_a_claim(fleet, cgroup):
    mount = first_hierarchy()
    service = cgroup(mount, "system.slice/minewarden-test-runner.service")
    os.chown(service, 1001, 1001)
    client = client_in(fleet, [cgroup(mount, f"system.slice/minewarden-test-runner.service/docker-{CONTAINER}.scope")])
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding, client.text()
    expected = {"kind": "systemd-unit", "unit": "minewarden-test-runner.service", "container": "",
                "user": "1001", "claim": "docker 3f4e5d6c7b8a", "named_by": "user"}
    assert finding["subject"]["workload"] | expected == finding["subject"]["workload"]
    assert note_of(finding, "named-by-user")


def test_the_pod_of_a_container_beside_pods_is_unknown(fleet, cgroup):
    mount = first_hierarchy()
    cgroup(mount, "kubepods")
    client = client_in(fleet, [cgroup(mount, f"docker/{CONTAINER}")])
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding, client.text()
    assert finding["subject"]["workload"]["doubt"] == "pod-unknown"
    assert finding["subject"]["workload"]["container"] == CONTAINER
    assert note_of(finding, "pod-unknown")


LOADERS = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"]


@pytest.mark.parametrize("renamed", [False, True], ids=["by-its-name", "renamed"])
def test_a_program_started_through_the_loader_has_its_own_name(fleet, renamed):
    loader = next((path for path in LOADERS if os.path.exists(path)), None)
    if loader is None:
        pytest.skip("no loader at the usual places")
    if renamed:
        copy = fleet.path("kworker")
        shutil.copy(loader, copy)
        loader = copy
    client = client_in(fleet, [], wrapper=[loader])
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding, client.text()
    assert finding["subject"]["executable"] == os.path.realpath(BIN / "minewarden-lab")
    assert finding["subject"]["command"] == "minewarden-lab"
    assert finding["subject"]["loader"] == os.path.realpath(loader)
    shown = fleet.run("findings", finding["id"], "--socket", fleet.path("api.sock")).stdout
    assert os.path.basename(finding["subject"]["loader"]) in shown


def test_an_ended_process_is_attributed_by_its_cgroup_or_not_at_all(fleet, cgroup):
    """The agent looks after the client has ended: the id of its v2 cgroup still names a container, v1 does not."""
    for mount, expected in ((hierarchy("cgroup2"), "container"),
                            ((mounts_of("cgroup", "memory") or [None])[0], "unknown")):
        if mount is None:
            continue
        group = cgroup(mount, f"docker/{CONTAINER}")
        fleet.agent.signal(signal.SIGSTOP)
        client = client_in(fleet, [group], seconds=3)  # a conversation
        client.process.wait(10)
        fleet.agent.signal(signal.SIGCONT)
        finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6, state="closed")
        assert finding, client.text()
        workload = finding["subject"]["workload"]
        assert workload["kind"] == expected, workload
        assert workload["container"] == (CONTAINER if expected == "container" else "")
        assert finding["subject"]["executable"] == str(BIN / "minewarden-lab")


def start_as(pid, arguments, tries=400):
    """Starts a program with exactly this pid, which must be free; None if others took it each time."""
    for _ in range(tries):
        with open("/proc/sys/kernel/ns_last_pid", "w") as last:
            last.write(str(pid - 1))
        child = os.fork()
        if child == 0:
            if os.getpid() != pid:
                os._exit(0)
            null = os.open("/dev/null", os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            os.execv(arguments[0], arguments)
        if child == pid:
            return child
        os.waitpid(child, 0)
    return None


@pytest.mark.skipif(not os.path.exists("/proc/sys/kernel/ns_last_pid"),
                    reason="the kernel lets nobody choose a pid (CONFIG_CHECKPOINT_RESTORE)")
@pytest.mark.parametrize("agent_sleeps", [False, True], ids=["watching", "agent-looks-later"])
def test_a_reused_pid_is_another_process(fleet, cgroup, agent_sleeps):
    """A finding never passes to the next owner of its pid, and never gets details of the next owner."""
    mount = (mounts_of("cgroup", "memory") or mounts_of("cgroup2"))[0]
    group = cgroup(mount, f"docker/{OTHER}")
    if agent_sleeps:
        fleet.agent.signal(signal.SIGSTOP)
    client = client_in(fleet, [], seconds=3 if agent_sleeps else 20)
    if agent_sleeps:
        client.process.wait(10)
    else:
        assert fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
        client.kill()
    successor = start_as(client.pid, ["/bin/sleep", "6"])
    assert successor == client.pid, "the pid could not be had"
    try:
        (group / "cgroup.procs").write_text(str(successor))
        if agent_sleeps:
            fleet.agent.signal(signal.SIGCONT)
        finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6, state="closed")
        assert finding
        time.sleep(5)  # two windows of the successor
        versions = [f for f in fleet.findings(current="false") if f["subject"]["pid"] == client.pid]
        assert {f["id"] for f in versions} == {finding["id"]}
        assert versions[0]["close_reason"] == "process-exited"
        assert finding["subject"]["workload"]["container"] == ""
        for version in versions:
            assert version["subject"]["command"] == "minewarden-lab"
            assert version["subject"]["executable"] == str(BIN / "minewarden-lab")
            assert version["subject"]["workload"]["label"] == finding["subject"]["workload"]["label"]
    finally:
        os.kill(successor, signal.SIGKILL)
        os.waitpid(successor, 0)


def test_the_program_after_an_exec_is_not_accused_of_the_login(fleet):
    """It logs in and becomes another program before the agent looks."""
    address = start_pool(fleet, "monero")
    host, _, port = address.rpartition(":")
    login = '{"id":1,"method":"login","params":{"login":"x","pass":"x","agent":"XMRig/6.21.0"}}'
    script = f"exec 3<>/dev/tcp/{host}/{port}; echo '{login}' >&3; head -n 1 <&3; exec sleep 5"
    fleet.agent.signal(signal.SIGSTOP)
    child = fleet.spawn(["/bin/bash", "-c", script])
    assert wait_until(lambda: os.readlink(f"/proc/{child.pid}/exe").endswith("/sleep"), 5)
    fleet.agent.signal(signal.SIGCONT)
    finding = fleet.wait_for_finding(child.pid, "mining.pool.client", 6, ("suspected",), "closed")
    assert finding and finding["close_reason"] == "program-replaced"
    assert finding["subject"]["command"] == "bash"
    assert finding["subject"]["executable"].endswith("/bash")
    # The next program holds the connection open and says nothing: no conversation of either.
    assert wait_until(lambda: fleet.watched(2), 10)
    versions = [f for f in fleet.findings(current="false") if f["subject"]["pid"] == child.pid]
    assert {f["id"] for f in versions} == {finding["id"]}


def test_both_pids_of_a_process_in_a_pid_namespace_are_shown(fleet):
    address = start_pool(fleet, "monero")
    outer = fleet.spawn(["unshare", "--pid", "--fork", "--kill-child", BIN / "minewarden-lab", "client",
                         "--dialect", "monero", "--pool", address, "--seconds", 20])

    def child():
        children = pathlib.Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        return int(children[0]) if children else None
    pid = wait_until(child, 5)
    finding = fleet.wait_for_finding(pid, "mining.pool.client", 6)
    assert finding, outer.text()
    assert finding["subject"]["pid_inside"] == 1
    shown = fleet.run("findings", finding["id"], "--socket", fleet.path("api.sock")).stdout
    assert f"pid {pid}, 1 in its own namespace" in shown
    assert fleet.run("findings", finding["id"], "--socket", fleet.path("api.sock"), "--lang",
                     "zh").stdout.count("其命名空间内为 1") == 1


needs_time_namespaces = pytest.mark.skipif(not os.path.exists("/proc/self/timens_offsets"),
                                           reason="the kernel has no time namespaces")


def seconds_apart(finding, moment):
    from datetime import datetime
    started = datetime.fromisoformat(finding["subject"]["started_at"].replace("Z", "+00:00"))
    return abs(started.timestamp() - moment)


@needs_time_namespaces
def test_a_process_in_another_time_namespace_is_identified(fleet):
    begun = time.time()
    client = client_in(fleet, [], wrapper=["unshare", "--time", "--boottime", "100000", "--monotonic",
                                           "100000"])
    finding = fleet.wait_for_finding(client.pid, "mining.pool.client", 6)
    if not finding:  # util-linux's unshare forks for a time namespace
        children = pathlib.Path(f"/proc/{client.pid}/task/{client.pid}/children").read_text().split()
        finding = fleet.wait_for_finding(int(children[0]), "mining.pool.client", 6)
    assert finding, client.text()
    assert finding["subject"]["executable"] == str(BIN / "minewarden-lab")
    assert seconds_apart(finding, begun) < 3


@needs_time_namespaces
@pytest.mark.parametrize("offset", ["100000", "-50"])
def test_an_agent_in_a_time_namespace_reports_times_of_the_host(make_host, cgroup, offset):
    host = make_host(window="2s")
    host.set_up()
    host.start_collector()
    log = host.path("agent.log")
    host.agent = host.spawn(["unshare", "--time", "--boottime", offset, "--fork", "--kill-child",
                             BIN / "minewarden-agent", "--config", host.path("minewarden.yaml")])
    assert wait_until(lambda: "uplink: connected" in host.agent.text(), 15), host.agent.text()
    assert "in a time namespace" in host.agent.text(), log
    mount = (mounts_of("cgroup", "memory") or mounts_of("cgroup2"))[0]
    begun = time.time()
    client = client_in(host, [cgroup(mount, f"docker/{CONTAINER}")])
    finding = host.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding, client.text()
    assert seconds_apart(finding, begun) < 3
    assert finding["subject"]["executable"] == str(BIN / "minewarden-lab")
    assert finding["subject"]["workload"]["container"] == CONTAINER


def test_an_agent_in_a_pid_namespace_reports_its_limits(make_host):
    host = make_host(window="2s")
    host.set_up()
    host.start_collector()
    host.agent = host.spawn(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                             BIN / "minewarden-agent", "--config", host.path("minewarden.yaml")])
    assert wait_until(lambda: "uplink: connected" in host.agent.text(), 15), host.agent.text()
    assert "not in the host's pid namespace" in host.agent.text()
    client = client_in(host, [])
    finding = host.wait_for_finding(client.pid, "mining.pool.client", 6)
    assert finding, client.text()
    assert finding["subject"]["workload"]["kind"] == "unknown"
    shown = json.loads(host.run("findings", "-o", "json", "--socket", host.path("api.sock")).stdout)
    assert shown[0]["subject"]["workload"]["label"] == "unknown"


def test_a_path_of_invalid_utf8_does_not_hide_a_miner(fleet):
    """Each invalid byte becomes three bytes of UTF-8: the executable must still fit in a finding."""
    directory = os.fsencode(fleet.path(""))
    for _ in range(8):
        directory = os.path.join(directory, b"\xff" * 250)
        os.mkdir(directory)
    program = os.path.join(directory, b"\xfe" * 200)
    subprocess.run([b"cp", os.fsencode(BIN / "minewarden-lab"), program], check=True)
    address = start_pool(fleet, "monero")
    child = subprocess.Popen([program, "client", "--dialect", "monero", "--pool", address, "--seconds",
                              "15"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        finding = fleet.wait_for_finding(child.pid, "mining.pool.client", 6)
        assert finding and "\ufffd" in finding["subject"]["executable"]
    finally:
        child.terminate()
        child.wait()
