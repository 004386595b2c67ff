# SPDX-License-Identifier: Apache-2.0
"""A name server for tests: answers A queries for the given names, and logs each queried
name. name_server.py LOG NAME=ADDRESS... listens on 127.0.0.1:53 of its network namespace."""

import socket
import struct
import sys


def main():
    log = open(sys.argv[1], "a", buffering=1)
    table = dict(item.split("=") for item in sys.argv[2:])
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    print("ready", file=log)
    while True:
        query, client = server.recvfrom(4096)
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels)
        print("asked", name, file=log)
        address = table.get(name) if kind == 1 else None
        flags = 0x8180 if name in table else 0x8183
        answer = query[:2] + struct.pack(">5H", flags, 1, 1 if address else 0, 0, 0) + query[12:at + 5]
        if address:
            answer += struct.pack(">3HIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(address)
        server.sendto(answer, client)


main()
