# SPDX-License-Identifier: Apache-2.0
"""stratum_caller.py TARGET PORT: looks TARGET up if it is a name, connects, sends a Stratum login and
stays connected until stopped. stratum_caller.py TARGET PORT hand-on: connects, leaves the rest to a
child, whose pid it prints, and ends. stratum_caller.py TARGET PORT hand-on-silently: the login is its
own, and the child says nothing. stratum_caller.py TARGET PORT after-many: opens so many others before
that the agent cannot look at all, and logs in again each second. stratum_caller.py TARGET PORT give
PATH: logs in, hands the connection to who takes descriptors at PATH, and ends. stratum_caller.py take
PATH: takes one and keeps it, as a message bus does. stratum_caller.py serve ADDRESS PORT: accepts such
callers, silently."""

import os
import socket
import sys
import time

LOGIN = (b'{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"test","pass":"x",'
         b'"agent":"XMRig/6.26.0 (Linux x86_64)","algo":["rx/0"]}}\n')


def main():
    if sys.argv[1] == "serve":
        server = socket.create_server((sys.argv[2], int(sys.argv[3])))
        kept = []
        while True:
            kept.append(server.accept())
    if sys.argv[1] == "take":
        bus = socket.socket(socket.AF_UNIX)
        bus.bind(sys.argv[2])
        bus.listen()
        giver = bus.accept()[0]
        kept = socket.recv_fds(giver, 1, 1)[1]
        giver.sendall(b"taken")
        print(len(kept), flush=True)
        time.sleep(60)
        return
    address = socket.getaddrinfo(sys.argv[1], int(sys.argv[2]), socket.AF_INET)[0][4]
    time.sleep(0.2)
    if sys.argv[3:] == ["after-many"]:
        for _ in range(520):
            socket.create_connection(address).close()
        connection = socket.create_connection(address)
        for _ in range(60):
            connection.sendall(LOGIN)
            time.sleep(1)
        return
    connection = socket.create_connection(address)
    if sys.argv[3:4] == ["give"]:
        connection.sendall(LOGIN)
        time.sleep(1)
        bus = socket.socket(socket.AF_UNIX)
        bus.connect(sys.argv[4])
        socket.send_fds(bus, [b"x"], [connection.fileno()])
        bus.recv(5)
        return
    hands_on = sys.argv[3:]
    if hands_on == ["hand-on-silently"]:
        connection.sendall(LOGIN)
        time.sleep(1)
    if hands_on:
        child = os.fork()
        if child != 0:
            print(child, flush=True)
            os._exit(0)
        time.sleep(1)
    if hands_on != ["hand-on-silently"]:
        connection.sendall(LOGIN)
    time.sleep(60)


main()
