# SPDX-License-Identifier: Apache-2.0
"""Ports for servers of the tests."""
import pathlib
import random
import socket

_RANGE = pathlib.Path('/proc/sys/net/ipv4/ip_local_port_range')
_LEAST = 10240


def free():
    """Give a port of the loopback that nobody listens on (int).

    It is none of those that the system gives to whoever asks for any: between
    this and the start of a server nobody gets it by chance.
    """
    most, chance = int(_RANGE.read_text().split()[0]), random.SystemRandom()
    while True:
        port = chance.randrange(_LEAST, most)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
        return port
