# SPDX-License-Identifier: Apache-2.0
"""Start, reload, stop; invalid configuration and rules; the service manager's protocol."""

import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess

import pytest

from faults import fresh_heartbeat
from host import BIN, ROOT, free_ports, wait_until
from test_stratum import start_pool


def agent(*arguments, **options):
    return subprocess.run([BIN / "minewarden-agent", *map(str, arguments)], capture_output=True,
                          text=True, timeout=60, **options)


@pytest.mark.timing
def test_both_daemons_end_within_two_seconds_of_sigterm(fleet):
    for daemon in (fleet.agent, fleet.collector):
        took, status = daemon.stop()
        assert status == 0, daemon.text()
        assert took < 2, took


def test_no_thread_of_the_agent_keeps_privileges_that_it_does_not_need(fleet):
    assert wait_until(fresh_heartbeat(fleet), 30)  # all its threads have started
    kept = sum(1 << capability for capability in (2, 19, 38, 39))  # DAC_READ_SEARCH, SYS_PTRACE, PERFMON, BPF
    threads = list(pathlib.Path(f"/proc/{fleet.agent.pid}/task").iterdir())
    assert len(threads) > 2  # the main thread, the sampler's, the transport's
    for thread in threads:
        status = dict(line.split(":\t", 1) for line in (thread / "status").read_text().splitlines() if ":\t" in line)
        for which in ("CapEff", "CapPrm"):
            assert int(status[which], 16) & ~kept == 0, (status["Name"], which, status[which])
        assert int(status["CapInh"], 16) == 0
        assert status["NoNewPrivs"].strip() == "1", status["Name"]


def test_the_probe_reports_every_capability_with_its_use():
    table = agent("--probe")
    assert table.returncode == 0 and "NEEDED BY" in table.stdout
    report = json.loads(agent("--probe", "-o", "json").stdout)
    names = {c["capability"] for c in report["capabilities"]}
    assert {"kernel-btf", "ring-buffer", "process-events", "connection-owner", "first-payload",
            "connection-traffic", "task-iterator", "fp-mode"} <= names
    for capability in report["capabilities"]:
        assert capability["verdict"] in ("works", "degraded", "missing")
        assert capability["needed_by"]
        assert capability["verdict"] == "works" or capability["remedy"]


def test_a_refused_program_is_reported_on_one_line_and_affects_only_its_capabilities():
    plain, without = (json.loads(agent("--probe", "-o", "json", *more).stdout)["capabilities"] for more in
                      ((), ("-o", "agent.disabled_hooks=iter/bpf_sk_storage_map,cgroup/connect6")))
    for before, after in zip(plain, without):
        if after["capability"] == "dns-owner":
            assert after["verdict"] == "degraded"
            assert after["problem"].startswith("cgroup/connect6 is disabled")
            assert "\n" not in after["problem"] and "agent.disabled_hooks" in after["remedy"]
        elif after["capability"] == "connection-traffic":
            assert after["verdict"] == "works" and "descriptor iterator" in after["source"]
        else:
            assert after["verdict"] == before["verdict"]
    loud = agent("--probe", "-o", "agent.disabled_hooks=iter,tp_btf,cgroup,sockops")
    assert loud.returncode == 0
    for text in ("libbpf", "\\x1b", "ulimit", "run as root"):
        assert text not in loud.stdout + loud.stderr, text


def test_the_probe_without_privileges_suggests_a_remedy():
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                           BIN / "minewarden-agent", "--probe", "-o", "json"], capture_output=True,
                          text=True, timeout=60)
    if done.returncode == 127 or "cannot" in done.stderr and "Permission" in done.stderr:
        pytest.skip("the build folder is not readable for others")
    capabilities = json.loads(done.stdout)["capabilities"]
    missing = [c for c in capabilities if c["verdict"] == "missing"]
    assert missing and all("run as root" in c["remedy"] for c in missing if "ermit" in c["problem"])


WRONG_CONFIG = [
    ("agent:\n  windw: 5s\n", 'minewarden.yaml:2:3: unknown key "agent.windw" (did you mean "agent.window"?)'),
    ("agent:\n  window: 5 minutes\n", "minewarden.yaml:2:3: agent.window is"),
    ("agent:\n  window: 5s\nagent:\n  name: x\n", 'minewarden.yaml:3:1: duplicate key "agent"'),
    ("agent: [window\n", "minewarden.yaml:"),
    ("agent:\n  name: &a x\n", "anchors"),
]


@pytest.mark.parametrize("content,expected", WRONG_CONFIG)
def test_a_wrong_configuration_is_refused_with_its_place(make_host, content, expected):
    host = make_host()
    host.path("minewarden.yaml").write_text(content)
    for program in ("minewarden-agent", "minewarden-collector"):
        done = host.run("--config", host.path("minewarden.yaml"), program=program, check=False)
        assert done.returncode == 78, (program, done.stderr)
        assert expected in done.stderr, done.stderr


def test_wrong_flags_are_a_usage_error():
    for arguments in (["--nonsense"], ["--standalone", "--probe"], ["-o", "no-equals-sign"]):
        assert agent(*arguments).returncode == 64, arguments


def test_environment_and_flags_override_the_file(make_host):
    host = make_host()
    host.set_up()
    config = host.path("minewarden.yaml")
    good = agent("--config", config, "--dry-run")
    assert good.returncode == 0 and "rules are good" in good.stdout
    wrong = agent("--config", config, "--dry-run", env={**os.environ, "MINEWARDEN_AGENT_WINDOW": "never"})
    assert wrong.returncode == 78 and "MINEWARDEN_AGENT_WINDOW" in wrong.stderr
    # The flag overrides the variable: an invalid flag is an error.
    fixed = agent("--config", config, "--dry-run", "-o", "agent.window=3s",
                  env={**os.environ, "MINEWARDEN_AGENT_WINDOW": "4s"})
    assert fixed.returncode == 0
    wrong = agent("--config", config, "--dry-run", "-o", "agent.window=never",
                  env={**os.environ, "MINEWARDEN_AGENT_WINDOW": "4s"})
    assert wrong.returncode in (64, 78) and "never" in wrong.stderr


def test_a_key_that_others_may_read_is_refused(make_host):
    host = make_host()
    host.set_up()
    os.chmod(host.path("agent.key"), 0o640)
    done = agent("--config", host.path("minewarden.yaml"), "--dry-run")
    assert done.returncode == 77 and "chmod 600" in done.stderr


def rules_directory(host):
    directory = host.path("rules")
    shutil.copytree(ROOT / "rules/packs", directory)
    return directory


LOCAL_RULE = """pack: {id: local, version: "1", title: {en: local, zh: 本地}}
rules:
  - id: local.sleeper
    title: {en: A sleeper, zh: 休眠}
    on: stratum.message
    condition: message = "login"
    family: protocol
    weights: {mining.pool.client: 9500}
    explain: {en: "It logged in.", zh: 已登录。}
"""


def test_sighup_loads_new_rules_and_keeps_the_old_ones_on_errors(make_host):
    host = make_host(window="2s")
    host.set_up()
    rules = rules_directory(host)
    host.start_collector()
    host.start_agent("--rules", rules)
    (rules / "local.yaml").write_text(LOCAL_RULE.replace("message =", "mesage ="))
    host.agent.signal(signal.SIGHUP)
    assert wait_until(lambda: "reload failed" in host.agent.text(), 5)
    assert 'no field "mesage" (did you mean "message"?)' in host.agent.text()
    assert "local.yaml:6:16" in host.agent.text()
    assert host.agent.is_alive()
    address = start_pool(host, "monero")
    client = host.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 5)
    finding = host.wait_for_finding(client.pid, "mining.pool.client", 5)
    assert finding and "local.sleeper" not in {e["rule"] for e in finding["evidence"]}

    (rules / "local.yaml").write_text(LOCAL_RULE)
    host.agent.signal(signal.SIGHUP)
    assert wait_until(lambda: "reloaded:" in host.agent.text(), 5)
    client = host.lab("client", "--dialect", "monero", "--pool", address, "--seconds", 5)
    finding = host.wait_for_finding(client.pid, "mining.pool.client", 5)
    assert "local.sleeper" in {e["rule"] for e in finding["evidence"]}
    titles = [e["title"]["zh"] for e in finding["evidence"] if e["rule"] == "local.sleeper"]
    assert titles == ["休眠"]  # the collector has the local rules too
    verified = host.run("findings", finding["id"], "--verify", "--socket", host.path("api.sock"))
    assert "byte for byte" in verified.stdout


EXEC_RULE = """pack: {id: local, version: "1", title: {en: local, zh: 本地}}
rules:
  - id: local.exec
    title: {en: A shell's sleeper, zh: 休眠}
    on: process.exec
    condition: command = "sleep" and path endswith "/sleep" and parent_command = "bash" and not deleted
    family: compute
    weights: {mining.pow.cpu: 9500}
    explain: {en: "{parent_command} ran {path}.", zh: "{parent_command} 执行了 {path}。"}
"""


def test_a_local_rule_can_use_execs(make_host):
    host = make_host(window="2s")
    host.set_up()
    rules = rules_directory(host)
    (rules / "local.yaml").write_text(EXEC_RULE)
    host.start_collector()
    host.start_agent("--rules", rules)
    host.spawn(["sleep", "4"])  # not from a shell
    host.spawn(["bash", "-c", "sleep 4; true"])
    found = wait_until(lambda: host.findings(activity="mining.pow.cpu"), 5)
    assert found and len(found) == 1
    assert found[0]["certainty"] == "suspected" and found[0]["subject"]["command"] == "sleep"
    text = host.whole(found[0])["evidence"][0]["text"]["en"]
    assert text.startswith("bash ran /") and text.endswith("/sleep.")


def test_an_invalid_extra_file_is_reported_and_does_not_stop_the_agent(make_host):
    host = make_host(window="2s")
    rules = rules_directory(host)
    host.set_up(rules=rules)
    (rules / "local.yaml").write_text(LOCAL_RULE.replace("message =", "mesage ="))
    (rules / ".#local.yaml").symlink_to("root@host.1234:5")
    host.path("conf.d").mkdir()
    host.path("conf.d/50-bad.yml").write_text("agent: {windoww: 1s}\n")
    dry = agent("--config", host.path("minewarden.yaml"), "--dry-run")
    assert dry.returncode == 78 and "local.yaml:6:16" in dry.stderr and "50-bad.yml:1:9" in dry.stderr
    host.start_collector()
    host.start_agent()
    assert "left out: " in host.agent.text() and "local.yaml:6:16" in host.agent.text()

    def shown():
        return [v for v in host.get("/api/v1/visibility", state="open")["visibility"] if v["place"] == "configuration"]

    degraded = wait_until(shown, 10)
    assert degraded and "50-bad.yml:1:9" in degraded[0]["detail"], degraded
    assert "configuration" in host.run("status", "--socket", host.path("api.sock")).stdout
    client = host.lab("client", "--dialect", "monero", "--pool", start_pool(host, "monero"), "--seconds", 5)
    assert host.wait_for_finding(client.pid, "mining.pool.client", 5)  # the shipped rules are in force

    (rules / "local.yaml").unlink()
    host.path("conf.d/50-bad.yml").unlink()
    host.agent.signal(signal.SIGHUP)
    assert wait_until(lambda: "reloaded:" in host.agent.text(), 5)
    assert wait_until(lambda: not shown(), 10)


def test_a_collector_without_descriptors_names_their_limit_and_goes_on(make_host):
    host = make_host()
    host.set_up()
    refused = subprocess.run(["prlimit", "--nofile=12", str(BIN / "minewarden-collector"), "--config",
                              str(host.path("minewarden.yaml"))], capture_output=True, text=True,
                             timeout=60)
    assert refused.returncode != 0
    assert "this process may have 12 descriptors (LimitNOFILE= in its unit" in refused.stderr
    collector = host.start_collector()
    store = collector.child("store")  # it has the API
    usual = resource.prlimit(store, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{store}/fd"))
    resource.prlimit(store, resource.RLIMIT_NOFILE, (used, usual[1]))
    # Connections that were open when the descriptors were counted may end and leave room for some.
    clients = []

    def is_told():
        clients.append(socket.socket(socket.AF_UNIX))
        clients[-1].connect(str(host.path("api.sock")))
        return wait_until(lambda: f"this process may have {used} descriptors" in collector.text(), 1)
    try:
        assert wait_until(is_told, 30)
        resource.prlimit(store, resource.RLIMIT_NOFILE, usual)
        clients[-1].settimeout(30)
        clients[-1].sendall(b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert clients[-1].recv(100).startswith(b"HTTP/1.1 200")
    finally:
        for client in clients:
            client.close()
    assert host.try_get("/readyz")


def test_an_agent_reaches_its_collector_by_ipv6(make_host):
    host = make_host(window="2s")
    (port,) = free_ports(1)
    host.set_up(collector=f"tcp://[::1]:{port}")
    config = host.path("minewarden.yaml")
    config.write_text(config.read_text().replace(f'listen: "ipc://{host.directory}/intake.sock"',
                                                 f'listen: "tcp://[::1]:{port}"'))
    checked = host.run("--config", config, "--dry-run", program="minewarden-collector")
    assert "1 enrolments are good" in checked.stdout
    host.start_collector()
    host.start_agent()
    assert wait_until(fresh_heartbeat(host), 10)
    for endpoint in ("tcp://::1:7410", "tcp://127.0.0.1:0", "tcp://[::1]"):
        done = agent("--config", config, "-o", f"agent.collector={endpoint}", "--dry-run")
        assert done.returncode == 78 and endpoint in done.stderr, done.stderr
        done = host.run("--config", config, "-o", f"collector.listen={endpoint}".replace(":0", ":x"), "--dry-run",
                        program="minewarden-collector", check=False)
        assert done.returncode == 78 and "collector.listen" in done.stderr, done.stderr
    done = host.run("--config", config, "-o", "collector.database=postgresql://u:secret@h/db?nonsense=1", "--dry-run",
                    program="minewarden-collector", check=False)
    assert done.returncode == 78 and "invalid URI query parameter" in done.stderr, done.stderr
    assert "secret" not in done.stderr


def test_bad_rules_at_start_are_refused_with_their_place(make_host):
    host = make_host()
    rules = rules_directory(host)
    (rules / "local.yaml").write_text(LOCAL_RULE.replace("family: protocol", "family: protocl"))
    done = agent("--standalone", "--rules", rules, "-o", f"state.dir={host.path('s')}")
    assert done.returncode == 78
    assert 'local.yaml:7:13: unknown family "protocl" (did you mean "protocol"?)' in done.stderr


def test_the_service_manager_is_notified(make_host):
    host = make_host(window="2s")
    path = str(host.path("notify.sock"))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(path)
    listener.settimeout(15)
    os.environ.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="1000000")
    try:
        host.start_standalone()
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    said = []

    def hear(word):
        while not any(word in text for text in said):
            said.append(listener.recv(4096).decode())
        return said[-1]
    assert "READY=1" in hear("READY=1")
    hear("WATCHDOG=1")
    host.agent.signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in hear("RELOADING=1")
    said.clear()
    hear("READY=1")
    host.agent.signal(signal.SIGTERM)
    hear("STOPPING=1")


def test_standalone_prints_each_finding_as_a_line_of_json(make_host):
    host = make_host(window="2s")
    host.start_standalone()
    address = start_pool(host, "bitcoin")
    client = host.lab("client", "--dialect", "bitcoin", "--pool", address, "--seconds", 4)
    client.wait_for("finished", 10)

    def lines():
        found = [json.loads(line) for line in host.agent.stdout.read_text().splitlines()]
        mine = [f for f in found if f["subject"]["pid"] == client.pid]
        return mine if mine and mine[-1]["state"] == "closed" else None
    found = wait_until(lines, 10)
    assert found
    assert found[0]["activity"] == "mining.pool.client"
    certainties = [f["certainty"] for f in found]
    assert certainties[0] == "suspected" and "probable" in certainties
    assert found[0]["evidence"][0]["text"]["zh"]
    assert [f["version"] for f in found] == list(range(1, len(found) + 1))


def test_the_demo_finds_its_miner_and_leaves_nothing_behind(tmp_path):
    before = set(os.listdir("/tmp"))
    done = subprocess.run([BIN / "minewarden", "demo"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "mining.pow.cpu" in done.stdout and "confirmed" in done.stdout
    assert "Evidence for it" in done.stdout and "Evidence against it" in done.stdout
    assert not [n for n in set(os.listdir("/tmp")) - before if n.startswith("minewarden-demo")]
    left = subprocess.run(["pgrep", "-f", "minewarden-demo-"], capture_output=True, text=True)
    assert left.stdout == ""


def test_the_demo_can_keep_its_state(make_host):
    host = make_host()
    kept = host.path("kept")
    done = subprocess.run([BIN / "minewarden", "demo", "--keep-state", kept, "--lang", "zh"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "支持的证据" in done.stdout
    host.spawn([BIN / "minewarden-collector", "--config", kept / "minewarden.yaml"])
    shown = wait_until(lambda: (r := host.run("findings", "--socket", kept / "api.sock", "-o", "json",
                                              check=False)).returncode == 0 and json.loads(r.stdout), 10)
    found = [f for f in shown if f.get("kind") != "visibility"]
    assert {f["activity"] for f in found} == {"mining.pool.client", "mining.pow.cpu", "mining.pool.operate"}
    assert [f["reason"] for f in shown if f not in found] in ([], ["stopped"])  # the demo's agent
    again = subprocess.run([BIN / "minewarden", "demo", "--keep-state", kept], capture_output=True, text=True)
    assert again.returncode == 64 and "not empty" in again.stderr
