# SPDX-License-Identifier: Apache-2.0
"""What an agent committed to its outbox, kept beside it, and whether the store has it exactly once.

A thread links every segment file into a directory of its own as soon as it appears, so that its
content stays when the agent deletes it. Formats: docs/outbox-format.md, common/wire/minewarden.proto.
"""

import contextlib
import os
import pathlib
import sqlite3
import struct
import threading
import zlib

MAGIC = b"MWOUTBX1"


def fields(data):
    """(number, value) of each field of a protobuf message; values are integers or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            length = varint()
            yield tag >> 3, bytes(data[at:at + length])
            at += length
        else:
            raise ValueError(f"wire type {tag & 7}")


def records_of(content):
    """(sequence, payload) of the valid records before the first damage."""
    at = len(MAGIC) if content.startswith(MAGIC) else len(content)
    while at + 16 <= len(content):
        crc, length, sequence = struct.unpack_from("<IIQ", content, at)
        end = at + 16 + length
        if end > len(content) or zlib.crc32(content[at + 4:end]) != crc:
            return
        yield sequence, content[at + 16:end]
        at = end


class Witness:
    def __init__(self, host):
        self.host = host
        self.outbox = host.path("state/outbox")
        self.directory = host.path("state/witness")  # on the same file system
        self.directory.mkdir(parents=True)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        seen = set()
        while not self.stopped.is_set():
            with contextlib.suppress(FileNotFoundError):
                for entry in os.scandir(self.outbox):
                    # A name may be reused for another file, so compare the file itself.
                    key = (entry.name, entry.inode())
                    if entry.name.endswith(".log") and key not in seen:
                        seen.add(key)
                        with contextlib.suppress(FileNotFoundError, FileExistsError):
                            os.link(entry.path, self.directory / f"{entry.inode()}-{entry.name}")
            self.stopped.wait(0.002)

    def stop(self):
        self.stopped.set()
        self.thread.join()

    def committed(self):
        """sequence -> ("finding", id, version), ("rules",) or ("gap", place, lost)."""
        found = {}
        for path in sorted(pathlib.Path(self.directory).iterdir()):
            for sequence, payload in records_of(path.read_bytes()):
                body = dict(fields(payload))
                if 2 in body:
                    finding = dict(fields(body[2]))
                    kept = ("finding", finding[1].hex(), finding[2])
                elif 3 in body:
                    kept = ("rules",)
                else:
                    gap = dict(fields(body[4]))
                    kept = ("gap", gap[1].decode(), gap.get(2, 0))
                assert found.get(sequence, kept) == kept, f"number {sequence} was given twice"
                found[sequence] = kept
        return found


def stored(host):
    """What the store has: findings as rows (sequence, id, version), positions, gaps."""
    with contextlib.closing(sqlite3.connect(f"file:{host.path('collector.sqlite')}", uri=True)) as store:
        findings = store.execute("SELECT sequence, lower(hex(finding_id)), version FROM findings").fetchall()
        position = store.execute("SELECT max(sequence) FROM streams").fetchone()[0]
        streams = store.execute("SELECT count(*) FROM streams").fetchone()[0]
        gaps = store.execute("SELECT place, lost, first_sequence, last_sequence FROM gaps").fetchall()
    assert streams == 1
    return findings, position, gaps


def account(host, witness, store=None):
    """Every committed record is in the store exactly once or in a reported gap, and the counts add
    up. Both daemons are stopped. `store`: what stored() gives, if it is another one. Returns (findings,
    numbers that are missing)."""
    committed = witness.committed()
    findings, position, gaps = store or stored(host)
    assert len(findings) == len({sequence for sequence, _, _ in findings}), "a record was stored twice"
    versions = {}
    for sequence, finding, version in findings:
        versions.setdefault((finding, version), []).append(sequence)
    twice = {key: numbers for key, numbers in versions.items() if len(numbers) > 1}
    assert not twice, f"versions were stored twice: {twice}"
    in_store = {sequence: (i, v) for sequence, i, v in findings}
    missing = set()
    for place, lost, first, last in gaps:
        if place == "stream":
            assert lost == last - first + 1
            missing |= set(range(first, last + 1))
    for sequence, kept in committed.items():
        if sequence in missing:
            assert sequence not in in_store
        elif kept[0] == "finding":
            assert sequence in in_store, f"record {sequence} of {position} was lost: {kept}"
            assert in_store[sequence] == kept[1:], (sequence, in_store[sequence], kept)
    told = [g for g in gaps if g[0] not in ("stream", "intake")]
    assert not [g for g in gaps if g[0] == "intake"]
    rules = sum(1 for s, kept in committed.items() if kept[0] == "rules" and s not in missing)
    assert position == len(findings) + len(told) + rules + len(missing), (
        position, len(findings), len(told), rules, len(missing))
    assert position == max(committed), "the agent committed more than the store has"
    return findings, missing
