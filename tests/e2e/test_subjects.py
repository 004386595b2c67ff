# SPDX-License-Identifier: Apache-2.0
"""A finding about a subject that is not a process, from the rule to the check of its record."""

import shutil

from host import ROOT, wait_until

# Lab only: no shipped rule accuses a host.
HOST_RULE = """pack: {id: lab, version: "1", title: {en: lab, zh: 实验}}
rules:
  - id: lab.host-has-processes
    title: {en: The host runs processes, zh: 主机上有进程}
    on: host.window
    condition: cpus >= 1 and processes >= 1 and cpu_permille >= 0 and busy_processes <= processes
    family: compute
    weights: {mining.pow.cpu: 9500}
    explain: {en: "{processes} processes on {cpus} CPUs.", zh: "{cpus} 个 CPU 上有 {processes} 个进程。"}
"""


def test_a_rule_on_the_host_gives_a_finding_about_the_host(make_host):
    host = make_host(window="2s")
    host.set_up()
    rules = host.path("rules")
    shutil.copytree(ROOT / "rules/packs", rules)
    (rules / "lab.yaml").write_text(HOST_RULE)
    host.start_collector()
    host.start_agent("--rules", rules)
    found = wait_until(lambda: host.findings(activity="mining.pow.cpu"), 10)
    assert found and len(found) == 1
    finding = host.get(f"/api/v1/findings/{found[0]['id']}")
    assert finding["subject"]["kind"] == "host" and "pid" not in finding["subject"]
    assert finding["certainty"] == "suspected" and finding["state"] == "open"
    text = finding["evidence"][0]["text"]["en"]
    assert " processes on " in text and "{" not in text

    table = host.run("findings", "--socket", host.path("api.sock")).stdout
    assert finding["id"][:8] in table and "host" in table
    verified = host.run("findings", finding["id"], "--verify", "--socket", host.path("api.sock"))
    assert "byte for byte" in verified.stdout

    # It belongs to the boot, not to a run of the agent.
    host.agent.stop()
    host.start_agent("--rules", rules)
    windows = host.get("/api/v1/agents")["agents"][0]["heartbeat"]["windows"]
    assert wait_until(lambda: host.watched(windows + 2), 15)
    again = host.findings(activity="mining.pow.cpu")
    assert [f["id"] for f in again] == [finding["id"]] and again[0]["state"] == "open"
