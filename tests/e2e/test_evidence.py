# SPDX-License-Identifier: Apache-2.0
"""What weighs for and against RandomX: signs that cost nothing take nothing away, and honest work that
shows one of its signs is at most suspected. Windows of 2 s."""

import time

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.busy]

FILL_S = 240  # for a data set of 2080 MiB


def rules_of(finding):
    return {evidence["rule"] for evidence in finding["evidence"]}


def expect_probable(host, worker, seconds, begun):
    finding = host.wait_for_finding(worker.pid, "mining.pow.cpu", seconds)
    assert finding, (host.findings(), worker.text())
    print(f"{worker.process.args[1:]}: probable {time.monotonic() - begun:.1f} s after the first hash")
    assert finding["certainty"] == "probable"  # compute alone never confirms
    return finding


def against(finding):
    return {e["rule"] for e in finding["evidence"] if e["side"] == "against"}


def test_copies_between_devices_do_not_talk_light_mode_down(fleet):
    worker = fleet.lab("randomx", "--seconds", 60, "--copy-zeros", 4096)
    worker.wait_for("hashing_started", 30)
    finding = expect_probable(fleet, worker, 30, time.monotonic())
    assert "syscalls.yield-only" in rules_of(finding)
    time.sleep(8)  # longer than the span of every rule against it
    finding = fleet.finding_of(worker.pid, "mining.pow.cpu")
    assert (finding["state"], finding["certainty"]) == ("open", "probable")
    assert against(finding) == set()


@pytest.mark.long  # filling the dataset takes most of a minute
@pytest.mark.parametrize("place, rule", [("memfd", "randomx.rounding.dataset"),
                                         ("file", "randomx.rounding.dataset-in-file")])
def test_a_dataset_in_a_shared_mapping_counts(fleet, place, rule):
    worker = fleet.lab("randomx", "--seconds", FILL_S + 60, "--mode", "fast", "--threads", 2, "--no-yield",
                       "--dataset-in", place, "--copy-zeros", 1024)
    worker.wait_for("hashing_started", FILL_S)
    finding = expect_probable(fleet, worker, 45, time.monotonic())
    assert rule in rules_of(finding)
    assert "syscalls.yield-only" not in rules_of(finding)


@pytest.mark.long
def test_workers_that_are_replaced_with_their_dataset_are_probable(fleet):
    worker = fleet.lab("randomx", "--seconds", FILL_S + 60, "--mode", "fast", "--threads", 2, "--no-yield",
                       "--fork-batches", 1)
    worker.wait_for("hashing_started", FILL_S)
    finding = expect_probable(fleet, worker, 45, time.monotonic())
    assert "randomx.workers.dataset" in rules_of(finding)


@pytest.mark.parametrize("options", [
    [], pytest.param(["--order", "turn", "--threads", "2"], marks=pytest.mark.long),
    pytest.param(["--keep-denormals"], marks=pytest.mark.long)])
def test_stochastic_arithmetic_is_at_most_suspected(fleet, options):
    work = fleet.lab("stochastic", "--seconds", 24, "--memory", 300, *options)
    work.wait_for("computing_started", 10)
    begun = time.monotonic()
    suspected = fleet.wait_for_finding(work.pid, "mining.pow.cpu", 22, certainty=("suspected",))
    assert suspected, "it shows what RandomX shows, so this test would prove nothing"
    print(f"{options}: suspected after {time.monotonic() - begun:.1f} s, {rules_of(suspected)}")
    work.wait_for("finished", 40)
    versions = [f for f in fleet.findings(activity="mining", current="false")
                if f["subject"]["pid"] == work.pid]
    assert {f["certainty"] for f in versions} <= {"none", "suspected"}, versions
