# SPDX-License-Identifier: Apache-2.0
"""Honest heavy work is left alone. Groups of programs run beside one agent, each in its own cgroup; no
process of theirs, and no other of this host, may be found mining above `suspected`. The short form has
windows of two seconds and is long enough for every rule's span; the long form has the default windows and
ten minutes for each program."""

import os
import shutil

import pytest

from honest_held_out import HELD_OUT
from honest_programs import PROGRAMS
from honest_work import Work

pytestmark = [pytest.mark.lab, pytest.mark.busy]

SHORT_S = 16
LONG_S = 600

# Run together: on two cores each one still gets enough CPU for samples, which is asserted.
GROUPS = {
    "builds-and-media": ["compile", "ffmpeg", "v8", "java", "numpy"],
    "hashes": ["openssl-sha256", "argon2", "john", "stress-ng", "zstd"],
    "services": ["pgbench", "redis", "curl-page", "grep", "json-rpc"],
    "rounding": ["randomx-verify", "interval", "rounding-test", "numpy-modes", "rounding-table"],
    "held-out": ["sha256sum", "git-repack", "openssl-rsa", "xz", "scrypt-server"],
}
ALL = {**PROGRAMS, **HELD_OUT}


def test_every_program_is_in_one_group():
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(ALL)


def belongs_to_others(finding):
    """CTest runs the tests of the network beside these: their miners are no workload of ours,
    which all have a cgroup of their own or are programs that those tests do not start."""
    subject = finding["subject"]
    return ("MW_BESIDE" in os.environ and subject["command"] in ("minewarden-lab", "python3") and
            "minewarden-e2e-" not in subject["workload"]["path"])


def accused(host):
    """Findings above suspected; prints the others to the log."""
    found = []
    for version in host.findings(activity="mining", current="false"):
        whole = host.whole(version)
        if belongs_to_others(whole):
            continue
        rules = [e["rule"] for e in whole.get("evidence", [])]
        if version["certainty"] == "suspected":
            if version["version"] == 1:
                print(f"suspected: {whole['subject']['command']} {rules}")
        else:
            found.append(f"{whole['subject']['command']} (pid {whole['subject']['pid']}, "
                         f"{whole['subject']['workload']['path']}): {version['activity']} "
                         f"{version['certainty']}: {rules}")
    return found


def windows_of(host):
    return host.get("/api/v1/agents")["agents"][0]["heartbeat"]["windows"]


def run_group(host, names, seconds, made):
    missing = sorted({need for name in names for need in ALL[name].needs if not shutil.which(need)})
    assert not missing, f"packaging/packages/tests.txt should have brought {missing}"
    for name in names:
        program = ALL[name]
        made.append(Work(name, program.script, program.proof, seconds, program.prepare, program.busy))
    host.start_collector()
    host.start_agent()
    for work in made:
        work.start()
    for work in made:
        print(work.finish().summary())
    found = accused(host)
    assert found == [], "\n".join(found)
    least = seconds / float(host.window.rstrip("s")) * 0.7
    assert windows_of(host) >= least, "the agent did not watch all the while"


@pytest.fixture
def works():
    made = []
    yield made
    for work in made:
        work.remove()


@pytest.mark.parametrize("group", GROUPS)
def test_short(make_host, works, group):
    host = make_host(window="2s")
    host.set_up()
    run_group(host, GROUPS[group], SHORT_S, works)


@pytest.mark.long
@pytest.mark.parametrize("group", GROUPS)
def test_ten_minutes_in_default_windows(make_host, works, group):
    host = make_host(window="10s")
    host.set_up()
    run_group(host, GROUPS[group], LONG_S, works)
