# SPDX-License-Identifier: Apache-2.0
"""RandomX without network, in all forms of the lab's worker. In light mode the rounding modes alone are a
suspicion; the yield after each hash, or the data set, makes it probable (docs/verdicts.md)."""

import pathlib
import subprocess
import time

import pytest

from host import BIN

pytestmark = pytest.mark.lab

FORMS = {
    "light": ["--mode", "light"],
    "light-no-yield": ["--mode", "light", "--no-yield"],
    "interpreter": ["--mode", "light", "--no-jit"],
    "two-threads": ["--mode", "light", "--threads", "2"],
    "a-third-of-a-core": ["--mode", "light", "--duty", "33"],
}
# These show nothing else that an honest program does not show.
ONLY_SUSPECTED = {"light-no-yield", "interpreter", "a-third-of-a-core"}
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
    expected = certainty_of(form)
    finding = host.wait_for_finding(worker.pid, "mining.pow.cpu", 45, certainty=(expected,))
    assert finding, host.findings()
    print(f"{form}: {expected} {time.monotonic() - begun:.1f} s after the first hash")
    if expected == "probable":  # its syscalls were counted: it only yields after each hash
        assert "syscalls.yield-only" in rules_of(host, worker)
    else:
        time.sleep(5)  # they are counted within this time
        assert host.finding_of(worker.pid, "mining.pow.cpu")["certainty"] == "suspected"


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
    # Its memory decides which rule; /proc/PID does not show it any more.
    assert finding["certainty"] == "probable"
    assert "randomx.rounding.sustained" in rules_of(host, worker)


def certainty_of(form):
    return "suspected" if form in ONLY_SUSPECTED else "probable"


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
    expected = certainty_of(form)
    finding = host.wait_for_finding(worker.pid, "mining.pow.cpu", 90, certainty=(expected,))
    took = time.monotonic() - begun
    print(f"{form}: {expected} {took:.1f} s after the first hash")
    assert finding and took <= 60
