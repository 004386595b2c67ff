# SPDX-License-Identifier: Apache-2.0
"""RandomX without network, in all forms of the lab's worker."""

import pathlib
import subprocess
import time

import pytest

from host import BIN, wait_until

pytestmark = pytest.mark.lab

FORMS = {
    "light": ["--mode", "light"],
    "light-no-yield": ["--mode", "light", "--no-yield"],
    "interpreter": ["--mode", "light", "--no-jit"],
    "two-threads": ["--mode", "light", "--threads", "2"],
    "a-third-of-a-core": ["--mode", "light", "--duty", "33"],
}
# Most of five windows must show it, with twenty samples; a pausing worker is sampled less often.
SHORT_WINDOW = {"a-third-of-a-core": "5s"}


@pytest.mark.parametrize("form", FORMS)
def test_a_worker_is_found(make_host, form):
    host = make_host(window=SHORT_WINDOW.get(form, "2s"))
    host.set_up()
    host.start_collector()
    host.start_agent()
    worker = host.lab("randomx", "--seconds", 60, *FORMS[form])
    worker.wait_for("hashing_started", 30)
    begun = time.monotonic()
    finding = host.wait_for_finding(worker.pid, "mining.pow.cpu", 45)
    assert finding, host.findings()
    print(f"{form}: found {time.monotonic() - begun:.1f} s after the first hash")
    assert finding["certainty"] == "probable"  # compute alone never confirms
    if form == "light":  # then its syscalls are counted: it only yields after each hash
        assert wait_until(lambda: "syscalls.yield-only" in rules_of(host, worker), 10), host.findings()


def test_a_worker_whose_first_thread_has_ended_is_found(make_host):
    host = make_host(window="2s")
    host.set_up()
    host.start_collector()
    host.start_agent()
    preloaded = host.path("leave_first_thread.so")
    source = pathlib.Path(__file__).with_name("leave_first_thread.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-pthread", "-o", preloaded, source, "-ldl"], check=True)
    worker = host.spawn(["/usr/bin/env", f"LD_PRELOAD={preloaded}", BIN / "minewarden-lab", "randomx",
                         "--mode", "light", "--seconds", 60])
    finding = host.wait_for_finding(worker.pid, "mining.pow.cpu", 45)
    assert finding, worker.text()
    status = pathlib.Path(f"/proc/{worker.pid}/status").read_text()
    assert "State:\tZ" in status, "its first thread had not ended"
    # Its memory decides between suspected and probable; /proc/PID does not show it any more.
    assert finding["certainty"] == "probable"
    assert "randomx.rounding.sustained" in rules_of(host, worker)


def rules_of(host, worker):
    return [e["rule"] for e in host.finding_of(worker.pid, "mining.pow.cpu")["evidence"]]


@pytest.mark.long
@pytest.mark.parametrize("form", [*FORMS, "fast"])
def test_a_worker_is_found_within_a_minute_in_default_windows(make_host, form):
    host = make_host(window="10s")
    host.set_up()
    host.start_collector()
    host.start_agent()
    options = FORMS.get(form, ["--mode", "fast", "--threads", "2"])
    worker = host.lab("randomx", "--seconds", 200, *options)
    worker.wait_for("hashing_started", 120)
    begun = time.monotonic()
    finding = host.wait_for_finding(worker.pid, "mining.pow.cpu", 90)
    took = time.monotonic() - begun
    print(f"{form}: found {took:.1f} s after the first hash")
    assert finding and took <= 60
