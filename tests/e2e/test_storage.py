# SPDX-License-Identifier: Apache-2.0
"""Backup and restore as docs/storage.md describes them, and what happens to agents and clients after it."""

import contextlib
import sqlite3
import subprocess
import time

import pytest

from faults import SETTLE, WINDOW, drained, flood, spawn_agent
from host import ROOT, wait_until
from postgres import Postgres, stored as stored_in_postgres
from test_stratum import start_pool
from witness import Witness, account, stored

AFTER_RESTORE = ROOT / "packaging/after-restore.sql"


class SqliteFile:
    def __init__(self, host):
        self.host = host
        self.file = host.path("collector.sqlite")
        self.copy = host.path("backup.sqlite")

    def back_up(self):
        self.copy.unlink(missing_ok=True)
        subprocess.run(["sqlite3", self.file, f"VACUUM INTO '{self.copy}'"], check=True, timeout=60)

    def restore(self):
        for suffix in ("-wal", "-shm"):
            self.host.path(f"collector.sqlite{suffix}").unlink(missing_ok=True)
        self.file.write_bytes(self.copy.read_bytes())
        subprocess.run(["sqlite3", self.file, f".read {AFTER_RESTORE}"], check=True, timeout=60)

    def stored(self):
        return stored(self.host)

    def end(self):
        with contextlib.closing(sqlite3.connect(self.file)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class PostgresDatabase:
    def __init__(self, host):
        self.server = Postgres()
        self.server.client("createdb", "fleet")
        self.copy = host.path("backup.dump")
        host.collector_settings = {"database": self.server.uri("fleet")}
        host.write_config()

    def back_up(self):
        self.server.client("pg_dump", "--format=custom", f"--file={self.copy}", "fleet")

    def restore(self):
        self.server.client("dropdb", "fleet")
        self.server.client("createdb", "fleet")
        self.server.client("pg_restore", "--exit-on-error", "--dbname=fleet", self.copy)
        self.server.client("psql", "--quiet", "-v", "ON_ERROR_STOP=1", f"--file={AFTER_RESTORE}", "fleet")

    def stored(self):
        return stored_in_postgres(self.server, "fleet", "test-host")

    def end(self):
        self.server.run("stop")


def back_up(database, host):
    """Makes a backup that no commit runs beside. Returns how many versions are in it."""
    for _ in range(10):
        versions = len(host.findings(current="false"))
        database.back_up()
        if len(host.findings(current="false")) == versions:
            return versions
    raise AssertionError("versions keep coming")


@pytest.mark.parametrize("kind", [SqliteFile, PostgresDatabase], ids=["sqlite", "postgres"])
def test_a_restored_backup_has_each_record_or_a_gap(make_host, kind):
    host = make_host(window=WINDOW)
    host.set_up()
    database = kind(host)
    witness = Witness(host)
    try:
        pool = start_pool(host, "monero")
        host.start_collector()
        host.start_agent()
        flood(host, pool, 5).process.wait(60)
        drained(host)
        in_backup = back_up(database, host)

        # These are not in the backup. The agent has deleted them: each start begins a segment.
        flood(host, pool, 5).process.wait(60)
        drained(host)
        host.agent.stop()
        spawn_agent(host)
        flood(host, pool, 5).process.wait(60)
        drained(host)
        assert len(host.findings(current="false")) > in_backup
        last_seen = host.get("/api/v1/findings")["after"]

        host.collector.stop()
        database.restore()
        host.start_collector()
        flood(host, pool, 5).process.wait(60)
        drained(host)
        time.sleep(SETTLE)
        drained(host)
        host.agent.stop()  # or it may send more while this counts
        everything = {f["cursor"] for f in host.findings(current="false")}
        # A client with a cursor from after the backup gets all later findings.
        followed = host.get("/api/v1/findings", after=last_seen, current="false", limit=1000)["findings"]
        assert len(followed) == len(everything) - in_backup
        host.collector.stop()
        witness.stop()
        findings, missing = account(host, witness, database.stored())
        assert len(findings) == len(everything) > in_backup
        assert missing and missing <= set(witness.committed()), missing
        print(f"{in_backup} versions in the backup, {len(findings)} at the end, {len(missing)} in gaps")
    finally:
        witness.stop()
        host.stop_all()
        database.end()


def test_a_postgres_server_that_is_away_is_not_ready_and_loses_nothing(make_host):
    host = make_host(window=WINDOW)
    host.set_up()
    database = PostgresDatabase(host)
    witness = Witness(host)
    try:
        pool = start_pool(host, "monero")
        host.start_collector()
        host.start_agent()
        flood(host, pool, 5).process.wait(60)
        drained(host)
        database.server.run("kill")
        load = flood(host, pool, 5)
        load.process.wait(60)
        assert wait_until(lambda: not host.try_get("/readyz"), 20)
        assert host.try_get("/livez")
        database.server.run("begin")
        assert wait_until(lambda: host.try_get("/readyz"), 20), host.collector.text()
        drained(host)
        metrics = host.get("/metrics").decode()
        counted = {line.split()[0]: float(line.split()[1]) for line in metrics.splitlines() if line[0] != "#"}
        assert counted["minewarden_store_connection_failures_total"] > 0
        text = host.collector.text()
        host.agent.stop()
        host.collector.stop()
        witness.stop()
        _, missing = account(host, witness, database.stored())
        assert not missing
        # Each reason is logged once, despite retries.
        lines = [line.split(" ", 1)[1] for line in text.splitlines() if "cannot store findings" in line]
        assert lines and len(lines) == len(set(lines)), lines
    finally:
        witness.stop()
        host.stop_all()
        database.end()
