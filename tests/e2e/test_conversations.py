# SPDX-License-Identifier: Apache-2.0
"""Words that only go in one direction are a suspicion at most; a conversation is mining."""

import time

import pytest

from host import wait_until
from test_connections import ACCEPTED, JOB, KEEPALIVE, LOGIN, NOTIFY, SUBMIT, Talkers

pytestmark = [pytest.mark.lab, pytest.mark.network]

JOB_PARAMETERS = JOB[JOB.index('"params":') + len('"params":'):-1]
LOGGED_IN = ('{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"a1b2","job":' + JOB_PARAMETERS +
             ',"status":"OK"}}')
REFUSED = '{"id":7,"jsonrpc":"2.0","error":{"code":-1,"message":"Low difficulty share"}}'
NO_METHOD = '{"id":7,"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"}}'
SUBSCRIBE = '{"id":1,"method":"mining.subscribe","params":["lab/1.0"]}'
AUTHORIZE = '{"id":2,"method":"mining.authorize","params":["bc1.rig","x"]}'
BAD_REQUEST = ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 11\r\n"
               "Connection: close\r\n\r\nBad Request")
HEX64 = "ab" * 32
OTHER_WORK = [
    '{"id":null,"method":"mining.set_target","params":["' + HEX64 + '"]}',
    '{"jsonrpc":"2.0","id":"12","method":"job","input":"' + HEX64 + '","difficulty":1000,"height":9}',
    '{"id":"Stratum","jsonrpc":"2.0","method":"job","params":{"difficulty":1,"height":1,"job_id":1,'
    '"pre_pow":"' + "0e" * 200 + '"}}',
    '{"id":0,"jsonrpc":"2.0","result":["0x' + HEX64 + '","0x' + HEX64 + '","0x0000' + "a" * 60 + '"]}',
]


def mining_above_suspected(host, *pids):
    return [(f["activity"], f["certainty"], [e["rule"] for e in host.whole(f)["evidence"]])
            for f in host.findings(activity="mining", current="false")
            if f["subject"]["pid"] in pids and f["certainty"] != "suspected"]


def say(pair, end, *lines):
    pair.say(end, [line + "\n" for line in lines])


def test_words_in_one_direction_are_a_suspicion(fleet):
    """A server that says pool words to each client, in several dialects and to two connections of one
    process; a log that is uploaded; a scanner; each with a peer that says nothing, or no word of a pool."""
    victim, copier, scanner, caller = (Talkers(fleet) for _ in range(4))
    for _ in range(2):
        say(victim, "server", JOB, NOTIFY, *OTHER_WORK, ACCEPTED, LOGGED_IN)
        say(copier, "client", LOGIN, SUBSCRIBE, AUTHORIZE, SUBMIT, KEEPALIVE, SUBMIT)
    say(scanner, "client", LOGIN, SUBSCRIBE)
    scanner.say("server", [BAD_REQUEST])
    # The caller of another service, which its server answers with a pool's words.
    say(caller, "client", '{"id":1,"method":"status","params":[]}')
    say(caller, "server", '{"id":1,"result":true}', JOB)
    pairs = (victim, copier, scanner, caller)
    for pair in (victim, copier, scanner):
        assert fleet.wait_for_finding(pair.pids["client"], "mining.pool.client", 5, ["suspected"])
    time.sleep(7)  # three windows
    assert fleet.watched(3)
    assert mining_above_suspected(fleet, *(pid for pair in pairs for pid in pair.pids_of_both())) == []


def test_a_request_that_is_answered_with_an_error_is_a_suspicion(fleet):
    refused, unknown = Talkers(fleet), Talkers(fleet)
    say(refused, "client", LOGIN)
    say(refused, "server", '{"id":1,"jsonrpc":"2.0","error":{"code":-1,"message":"banned"}}', JOB)
    say(unknown, "client", SUBMIT)
    say(unknown, "server", NO_METHOD)
    time.sleep(5)
    assert fleet.watched(2)
    assert mining_above_suspected(fleet, *refused.pids_of_both(), *unknown.pids_of_both()) == []


HEALTH_CHECK = """
import socket, sys, time
for _ in range(3):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as pool:
        pool.sendall(sys.argv[2].encode() + b"\\n")
        assert b"job" in pool.recv(65536)
    print("checked", flush=True)
    time.sleep(0.5)
time.sleep(30)
"""


def test_a_health_check_that_asks_and_leaves_is_a_suspicion(fleet):
    """It logs in, gets its job, closes the connection before the second is over, and does it again."""
    pool = fleet.lab("pool", "--dialect", "monero", "--listen", "127.0.0.1:0", "--seconds", 30)
    port = pool.wait_for("pool_listening")["address"].rpartition(":")[2]
    checks = fleet.spawn(["/usr/bin/python3", "-c", HEALTH_CHECK, port, LOGIN],
                         stdout=fleet.path("checks"))
    assert fleet.wait_for_finding(checks.pid, "mining.pool.client", 5, ["suspected"]), fleet.findings()
    assert wait_until(lambda: fleet.path("checks").read_text().count("checked") == 3, 10), checks.text()
    time.sleep(5)
    assert fleet.watched(2)
    assert mining_above_suspected(fleet, checks.pid, pool.pid) == []


def test_a_client_and_its_pool_are_found_by_their_first_job(fleet):
    pair = Talkers(fleet)
    say(pair, "client", LOGIN)
    say(pair, "server", LOGGED_IN)
    given = time.monotonic()
    found = fleet.wait_for_finding(pair.pids["client"], "mining.pool.client", 4)
    took = time.monotonic() - given
    assert found, fleet.findings()
    assert "stratum.conversation" in [e["rule"] for e in found["evidence"]]
    # Of the rules that see the same, one counts.
    assert sum(e["counts"] != 0 for e in found["evidence"]) == 1
    assert {e["group"] for e in found["evidence"]} == {"mining-messages"}
    shown = fleet.run("findings", found["id"], "--socket", fleet.path("api.sock"), "--lang",
                      "en").stdout
    assert "of its group only the strongest evidence counts" in " ".join(shown.split())
    assert found["score"]["families"] == {"protocol": 13000}
    print(f"found {took:.2f} s after the first job")
    assert took <= 2.0
    assert fleet.wait_for_finding(pair.pids["server"], "mining.pool.operate", 4)


@pytest.mark.parametrize("answer", [ACCEPTED, REFUSED], ids=["accepted", "refused"])
def test_a_connection_joined_midway_counts_from_one_answered_share(make_host, answer):
    host = make_host(window="2s")
    host.set_up()
    pair = Talkers(host)
    pair.say("client", ['{"id":1,"jsonrpc":"2.0","method":"hel'])
    host.start_collector()
    host.start_agent()
    time.sleep(1)
    say(pair, "client", SUBMIT)
    say(pair, "server", JOB)
    assert host.wait_for_finding(pair.pids["client"], "mining.pool.client", 3, ["suspected"])
    time.sleep(3)
    assert mining_above_suspected(host, *pair.pids_of_both()) == []
    say(pair, "client", SUBMIT)
    say(pair, "server", answer)
    for end, activity in (("client", "mining.pool.client"), ("server", "mining.pool.operate")):
        assert host.wait_for_finding(pair.pids[end], activity, 4), (end, host.findings())


def http(head, body):
    return f"{head}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def test_who_reads_templates_and_never_submits_is_a_monitor(fleet):
    ask = http("POST / HTTP/1.1\r\nHost: node",
               '{"method":"getblocktemplate","params":[{"rules":["segwit"]}],"id":0}')
    template = http("HTTP/1.1 200 OK", '{"result":{"version":536870912,"previousblockhash":"' + HEX64 +
                    '","transactions":[],"bits":"1d00ffff","height":9},"error":null,"id":0}')
    block = http("POST / HTTP/1.1\r\nHost: node",
                 '{"method":"submitblock","params":["00000020' + "ab" * 250 + '"],"id":1}')
    explorer = Talkers(fleet)
    for _ in range(6):
        explorer.say("client", [ask])
        explorer.say("server", [template])
    time.sleep(5)
    assert fleet.watched(2)
    explorer_pid = explorer.pids["client"]
    assert [f for f in fleet.findings(activity="mining", current="false")
            if f["subject"]["pid"] == explorer_pid] == []
    explorer.say("client", [block])  # it is a miner after all
    assert fleet.wait_for_finding(explorer_pid, "mining.pool.client", 4), fleet.findings()
