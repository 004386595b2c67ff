#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the test vectors of the verdict record without code of minewarden: with its own deterministic
CBOR (RFC 8949 4.2.1) and hashlib. Run it in its folder; git shows whether the vectors changed."""
import hashlib
import pathlib
import textwrap

HERE = pathlib.Path(__file__).parent


def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | extra]) + value.to_bytes(size, "big")
    raise ValueError(value)


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
        return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise TypeError(value)


def sha256(data):
    return hashlib.sha256(data).digest()


def write(name, *lines):
    text = "\n".join("\n".join(textwrap.wrap(line.hex(), 96)) for line in lines)
    (HERE / name).write_text(text + "\n")


def observation(kind, time, entity, **fields):
    return {"type": kind, "time": time, "entity": entity, "fields": fields}


def placed(back, what):
    return {"back": back, "observation": what}


def record(activity, window, carried, evidence, verdict):
    return {
        "format": "minewarden.verdict/2",
        "rule_set": sha256(cbor([["pack.yaml", (HERE / "pack.yaml").read_text()]])),
        "boot_id": BOOT,
        "subject": SUBJECT,
        "activity": activity,
        "window": window,
        "window_ns": 10_000_000_000,
        "carried": carried,
        "carried_sha256": sha256(cbor(carried)),
        "evidence": evidence,
        "verdict": {**verdict, "prior": -9210, "attributes": {}, "next_sha256": sha256(cbor(verdict["next"]))},
    }


BOOT = bytes(range(16))
SUBJECT = {"kind": "process", "pid": 4242, "start_boottime_ns": 123_456_789_012, "image": 2}

login = observation(
    "stratum.message", 500_000_000_000, 7,
    dialect="monero", message="login", sent=True, role="client", remote_address="192.0.2.33",
    remote_port=3333, wallet="monero", software="XMRig", algorithms=3)
login_evidence = {
    "rule": "vector.login", "family": "protocol", "age": 0, "windows_held": 1, "entities": [7],
    "observations": [placed(0, login)]}

# -9210 + 12500 = 3290: probable, on one family.
write("login.hex", cbor(record(
    "mining.pool.client", 50, {"held": "none", "refuting": 0},
    [{**login_evidence, "weight": 12500}],
    {"certainty": "probable", "log_odds": 3290, "families": {"protocol": 12500},
     "next": {"held": "probable", "refuting": 0}})))


def thread(time, samples):
    return observation("thread.window", time, 4243, thread=4243, cpu_permille=997,
                       fp_samples=40, fp_nondefault=samples, fp_modes=3)


# -9210 + 16000 + 2000 - 3000 / 2 = 7290, but protocol is below ten to one: one family, so probable.
# The window in between has no observation.
write("rounding.hex", cbor(record(
    "mining.pow.cpu", 52, {"held": "suspected", "refuting": 3000},
    [{"rule": "vector.data", "family": "load", "weight": -3000, "age": 1, "windows_held": 4,
      "entities": [],
      "observations": [placed(0, observation(
          "process.window", 510_000_000_000, 0, cpu_permille=3990, threads=5, read_kib_per_s=1500))]},
     {**login_evidence, "weight": 2000},
     {"rule": "vector.rounding", "family": "compute", "weight": 16000, "age": 0, "windows_held": 2,
      "entities": [4243, 4244, 4245, 4246],
      "observations": [placed(0, thread(520_000_000_000, 17)),
                       placed(2, thread(500_000_000_000, 15))]}],
    {"certainty": "probable", "log_odds": 7290,
     "families": {"compute": 16000, "load": -1500, "protocol": 2000},
     "next": {"held": "probable", "refuting": 1500}})))

# The hashed bytes, and the id.
parts = cbor([bytes(range(100, 132)), BOOT, SUBJECT, "mining.pool.client"])
write("finding-id.hex", parts, sha256(parts)[:16])
