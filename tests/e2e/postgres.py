# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server for one test (tests/support/postgres-server), durable as in production."""

import os
import subprocess

import pytest

from host import ROOT

SCRIPT = ROOT / "tests/support/postgres-server"


class Postgres:
    def __init__(self):
        started = subprocess.run([SCRIPT, "start", "--durable", "--while", str(os.getpid())],
                                 capture_output=True, text=True, timeout=60)
        if started.returncode == 69:
            pytest.skip(started.stderr.strip())
        assert started.returncode == 0, started.stderr
        self.directory = started.stdout.strip()

    def run(self, command):
        subprocess.run([SCRIPT, command, self.directory], check=True, timeout=60)

    def client(self, *command, check=True):
        """Runs a program of PostgreSQL as its superuser."""
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PGHOST": self.directory, "PGUSER": "postgres"})
        assert not check or done.returncode == 0, done.stderr
        return done

    def uri(self, database):
        return f"postgresql:///{database}?host={self.directory}&user=postgres"

    def query(self, database, sql):
        """Rows as lists of texts."""
        done = self.client("psql", "-At", "-F", "|", "-v", "ON_ERROR_STOP=1", "-c", sql, database)
        return [line.split("|") for line in done.stdout.splitlines()]


def stored(postgres, database, agent):
    """As witness.stored(), of one agent."""
    def query(sql):
        return postgres.query(database, sql.format(
            streams=f"streams s JOIN agents a ON a.row = s.agent AND a.name = '{agent}'"))

    def number(text):
        return int(text) if text else None
    findings = [(int(sequence), finding, int(version)) for sequence, finding, version in query(
        "SELECT f.sequence, encode(f.finding_id, 'hex'), f.version FROM {streams} "
        "JOIN findings f ON f.stream = s.row")]
    positions = query("SELECT s.sequence FROM {streams}")
    gaps = [(place, int(lost), number(first), number(last)) for place, lost, first, last in query(
        "SELECT g.place, g.lost, g.first_sequence, g.last_sequence FROM {streams} "
        "JOIN gaps g ON g.stream = s.row")]
    assert len(positions) == 1, positions
    return findings, int(positions[0][0]), gaps
