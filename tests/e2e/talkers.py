# SPDX-License-Identifier: Apache-2.0
"""Two processes with a connection on loopback, controlled by a test: talkers.py TRIGGERS.

Prints one JSON line with both pids and the port once they are connected. For every file TRIGGERS/N
(N = 1, 2, ...) that appears, holding {"from": "client"|"server", "pieces": [text, ...]}, that end
sends the pieces, each as a segment of its own, and TRIGGERS/N.sent is written. Ends after a minute.
"""

import json
import os
import pathlib
import socket
import sys
import time


def obey(end, connection, triggers):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    number = 1
    stop = time.monotonic() + 60
    while time.monotonic() < stop:
        order = triggers / str(number)
        if order.exists():
            told = json.loads(order.read_text())
            if told["from"] == end:
                for piece in told["pieces"]:
                    connection.sendall(piece.encode())
                    time.sleep(0.02)
                (triggers / f"{number}.sent").write_text("")
            number += 1
        try:
            if connection.recv(65536) == b"":
                return
        except BlockingIOError:
            time.sleep(0.01)


def main():
    triggers = pathlib.Path(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = os.getpid()
    client = os.fork()
    if client == 0:
        listener.close()
        obey("client", socket.create_connection(("127.0.0.1", port)), triggers)
        os._exit(0)
    connection, _ = listener.accept()
    print(json.dumps({"client": client, "server": server, "port": port}), flush=True)
    obey("server", connection, triggers)
    os.waitpid(client, 0)


main()
