"""Prints a port of 127.0.0.1 that nobody listens on."""

import socket

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    print(probe.getsockname()[1])
