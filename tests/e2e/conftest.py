# SPDX-License-Identifier: Apache-2.0
"""Fixtures: hosts whose daemons end with the test."""

import os
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from host import BIN, Host  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", default="MW_LONG" in os.environ,
                     help="also run what takes minutes (or set MW_LONG)")
    parser.addoption("--list-for-ctest", action="store_true",
                     help="with --collect-only: a line for each test function (tests/e2e/discover.cmake.in)")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; run with --long")
    config.addinivalue_line("markers", "busy: of these, what needs all CPUs for itself")
    config.addinivalue_line("markers", "network: of these, what computes nothing and waits for windows")
    config.addinivalue_line("markers", "lab: detection of real workloads (tests/run lab)")
    config.addinivalue_line("markers", "timing: its limits hold for release builds only")


def label_of(item):
    for mark, label in (("network", "lab-network"), ("busy", "lab-busy"), ("lab", "lab")):
        if mark in item.keywords:
            return label
    return "e2e"


def pytest_collection_finish(session):
    if not session.config.getoption("--list-for-ctest"):
        return
    functions = {}
    for item in session.items:
        functions.setdefault((item.path, item.originalname), []).append(item)
    for (path, function), cases in functions.items():
        label = label_of(cases[0])
        labels = [label]
        if all("long" in case.keywords for case in cases):
            labels.append("long")
        if any("timing" in case.keywords for case in cases):
            labels.append("timing")
        name = f"{label}.{path.stem.removeprefix('test_')}.{function.removeprefix('test_')}"
        print(f"ctest {name}|{path}::{function}|{','.join(labels)}")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="takes minutes: tests/run --long"))


@pytest.fixture(scope="session", autouse=True)
def programs():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    for name in ("minewarden", "minewarden-agent", "minewarden-collector", "minewarden-lab"):
        assert (BIN / name).exists(), f"{BIN / name} is missing: packaging/quickstart --build-only"


@pytest.fixture
def make_host():
    """make_host(window=...) gives a Host that is stopped and removed at the end."""
    hosts = []

    def make(**options):
        # Short paths: the name of a Unix socket has at most 107 bytes.
        host = Host(tempfile.mkdtemp(prefix="mw-"), **options)
        hosts.append(host)
        return host

    yield make
    try:
        for host in hosts:
            host.end_daemons()
    finally:
        for host in hosts:
            host.stop_all()
            shutil.rmtree(host.directory, ignore_errors=True)


@pytest.fixture
def fleet(make_host):
    """A host with collector and agent running, in windows of two seconds."""
    host = make_host(window="2s")
    host.set_up()
    host.start_collector()
    host.start_agent()
    return host
