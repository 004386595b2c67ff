# SPDX-License-Identifier: Apache-2.0
"""Honest heavy work is left alone. The short form runs in windows of two seconds, long enough for every
rule's span; the long form runs in the default windows."""

import os
import pathlib
import shutil
import signal
import time

import pytest

from host import BIN, ROOT

V8_LOOP = """
let x = 1; const end = Date.now() + Number(process.argv[1]) * 1000;
while (Date.now() < end) for (let i = 0; i < 1e6; i++) x = (Math.imul(x, 1664525) + i) ^ (x >>> 7);
console.log(x);
"""


def compile_this_project(host, seconds):
    """Real translation units of this project, one after the other until the time is over."""
    sources = [str(p) for p in sorted((ROOT / "rules").rglob("*.cpp"))]
    script = ("end=$((SECONDS+$1)); shift; while [ $SECONDS -lt $end ]; do for f in \"$@\"; do "
              "[ $SECONDS -lt $end ] || exit 0; g++ -std=c++20 -O2 -I" + str(ROOT) +
              " -c \"$f\" -o /dev/null || exit 1; done; done")
    return ["bash", "-c", script, "compile", str(seconds), *sources]


def encode_video(host, seconds):
    return ["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i",
            "testsrc2=size=1280x720:rate=30", "-t", "3600", "-c:v", "libx264", "-preset", "medium",
            "-f", "null", "-"]


def openssl_speed(host, seconds):
    return ["openssl", "speed", "-seconds", str(max(1, seconds // 6)), "sha256"]


def v8_loop(host, seconds):
    return ["node", "-e", V8_LOOP, str(seconds)]


def grep_for_a_pool(host, seconds):
    """Searches a tree that is full of what it looks for, again and again."""
    tree = host.path("tree")
    tree.mkdir()
    line = "-o stratum+tcp://pool.example.com:3333 -u wallet mining.subscribe mining.notify\n"
    for i in range(200):
        (tree / f"{i}.txt").write_text(line * 2000)
    script = f"end=$((SECONDS+{seconds})); while [ $SECONDS -lt $end ]; do grep -r stratum+tcp {tree} | wc -l; done"
    return ["bash", "-c", script]


def light_verification(host, seconds):
    """A node that verifies: RandomX in short bursts."""
    return [BIN / "minewarden-lab", "verify", "--interval", "5", "--burst", "5", "--seconds", seconds]


def interval_arithmetic(host, seconds):
    """Rounds up and down all the time, but never toward zero, as RandomX must."""
    return [BIN / "minewarden-lab", "interval", "--seconds", seconds]


WORKLOADS = {
    "compile": compile_this_project,
    "ffmpeg-x264": encode_video,
    "openssl-speed": openssl_speed,
    "v8-loop": v8_loop,
    "grep-stratum": grep_for_a_pool,
    "randomx-verify": light_verification,
    "interval-arithmetic": interval_arithmetic,
}


LEAST_CPU = {"randomx-verify": 0.01}  # of one core


def children_cpu():
    """CPU seconds of children that ended, theirs included."""
    times = os.times()
    return times.children_user + times.children_system


def run_and_judge(host, workload, seconds):
    arguments = WORKLOADS[workload](host, seconds)
    if not shutil.which(str(arguments[0])):
        pytest.skip(f"{arguments[0]} is not installed")
    child = host.spawn(arguments)
    before = children_cpu()
    time.sleep(seconds)
    # A workload that ends at once would prove nothing.
    status = child.stop(30)[1]
    assert status in (0, -signal.SIGTERM, 255), (status, child.text())
    used = children_cpu() - before
    assert used >= LEAST_CPU.get(workload, 0.3) * seconds, f"used only {used:.1f} s of CPU"
    accused = [f for f in host.findings(activity="mining", current="false")
               if f["certainty"] != "suspected"]
    assert accused == [], accused
    status = host.get("/api/v1/agents")["agents"][0]["heartbeat"]
    assert status["windows"] >= 5  # it was really watched


@pytest.mark.parametrize("workload", WORKLOADS)
def test_short(fleet, workload):
    run_and_judge(fleet, workload, 20)


@pytest.mark.long
@pytest.mark.parametrize("workload", WORKLOADS)
def test_in_default_windows(make_host, workload):
    host = make_host(window="10s")
    host.set_up()
    host.start_collector()
    host.start_agent()
    run_and_judge(host, workload, 120)
