# SPDX-License-Identifier: Apache-2.0
"""Many short processes that log in to a pool: each one opens and closes a finding.

flood.py HOST PORT PROCESSES [AT_ONCE]: prints each pid after the answer to its login."""

import os
import socket
import sys
import time

LOGIN = (b'{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"' + b"4" * 95 +
         b'","pass":"x","agent":"XMRig/6.21.0 (Linux x86_64) libuv/1.44.2 gcc/12.2.0","algo":["rx/0"]}}\n')


def log_in(address):
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(LOGIN)
        connection.recv(65536)
        os.write(1, b"%d\n" % os.getpid())
        time.sleep(0.3)


def main():
    host, port, count, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int((sys.argv + ["8"])[4])
    running = 0
    for _ in range(count):
        if running >= at_once:
            os.wait()
            running -= 1
        if os.fork() == 0:
            try:
                log_in((host, port))
            finally:
                os._exit(0)
        running += 1
    while running:
        os.wait()
        running -= 1


main()
