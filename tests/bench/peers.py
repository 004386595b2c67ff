# SPDX-License-Identifier: Apache-2.0
"""Other programs that watch execs and connections, on the same loads as the agent."""

import contextlib
import pathlib
import statistics
import subprocess
import sys
import time

HEAD = ("watcher", "getppid", "fork-exec", "connect")
LOADS = ("getppid", "fork-exec", "connect")
PAIRS = 5
BPFTRACE = ("tracepoint:syscalls:sys_enter_execve { @execs = count(); } "
            "tracepoint:syscalls:sys_enter_connect { @connects = count(); }")
AUDIT_RULES = [["-a", "always,exit", "-F", "arch=b64", "-S", "execve", "-k", "mw-bench"],
               ["-a", "always,exit", "-F", "arch=b64", "-S", "connect", "-k", "mw-bench"]]
# Once audit was on, each new process takes the slower way into syscalls, also after it was turned off,
# unless a rule says that no process is audited.
NO_PROCESS = "never,task"


@contextlib.contextmanager
def agent(bench):
    bench.start_agent()
    yield
    bench.stop_agent()


@contextlib.contextmanager
def bpftrace(_):
    if not pathlib.Path("/sys/kernel/tracing/events").exists():
        subprocess.run(["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"], check=True)
    child = subprocess.Popen(["bpftrace", "-e", BPFTRACE], stdout=subprocess.PIPE, text=True)
    said = child.stdout.readline()
    assert "Attaching 2 probes" in said, f"bpftrace says {said!r}"
    time.sleep(2)
    assert child.poll() is None, "bpftrace ended by itself"
    yield
    child.terminate()
    child.communicate()


@contextlib.contextmanager
def auditd(_):
    """The kernel's audit with auditd writing to a log of its own."""
    directory = pathlib.Path("/tmp/mw-audit")
    directory.mkdir(exist_ok=True)
    (directory / "auditd.conf").write_text(f"log_file = {directory}/audit.log\nlog_format = RAW\n"
                                           "flush = INCREMENTAL_ASYNC\nfreq = 50\nmax_log_file = 64\n"
                                           "num_logs = 2\nmax_log_file_action = ROTATE\n"
                                           "space_left = 75\nspace_left_action = IGNORE\n"
                                           "admin_space_left = 50\nadmin_space_left_action = IGNORE\n"
                                           "disk_full_action = IGNORE\ndisk_error_action = IGNORE\n"
                                           "local_events = yes\nwrite_logs = yes\n")
    subprocess.run(["auditctl", "-d", NO_PROCESS], check=False, capture_output=True)
    child = subprocess.Popen(["auditd", "-n", "-c", directory], stdout=subprocess.DEVNULL)
    time.sleep(2)
    for rule in AUDIT_RULES:
        subprocess.run(["auditctl", *rule], check=True, capture_output=True)
    yield
    assert child.poll() is None, "auditd ended by itself"
    subprocess.run(["auditctl", "-D", "-k", "mw-bench"], check=False, capture_output=True)
    subprocess.run(["auditctl", "-e", "0"], check=False, capture_output=True)
    subprocess.run(["auditctl", "-a", NO_PROCESS], check=True, capture_output=True)
    child.terminate()
    child.wait()
    for file in directory.iterdir():
        file.unlink()
    directory.rmdir()


def install(*packages):
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
                   check=True, stdout=sys.stderr, env={"DEBIAN_FRONTEND": "noninteractive",
                                                       "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def ratios(bench, watcher, load, counts):
    found = []
    for pair in range(PAIRS):
        values = {}
        for watched in ((True, False) if pair % 2 else (False, True)):
            with watcher(bench) if watched else contextlib.nullcontext():
                values[watched] = bench.load(load, counts[load])[0]
        found.append(values[True] / values[False])
    return found


def measure(bench):
    """Rows of median ratios with/without each watcher; auditd last, for what ran beside it stays slower."""
    import run
    counts = {load: run.LOADS[load][0] for load in LOADS}
    install("bpftrace", "auditd")
    rows = []
    for name, watcher in (("minewarden-agent", agent), ("bpftrace, execve and connect", bpftrace),
                          ("auditd, execve and connect", auditd)):
        row = [name]
        for load in LOADS:
            found = ratios(bench, watcher, load, counts)
            low, high = run.spread(found)
            row.append(f"{statistics.median(found):.2f} [{low:.2f}, {high:.2f}]")
        rows.append(tuple(row))
        print(" ".join(row), flush=True)
    return rows
