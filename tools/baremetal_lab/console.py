# SPDX-License-Identifier: Apache-2.0
"""The serial console of the machine, for people and for scripts."""
import os
import select
import socket
import sys
import termios
import tty

from baremetal_lab import places
from container_lab import running

LEAVE = b'\x1d'  # Ctrl-]


def attach():
    """Join the console to the terminal until Ctrl-] or its end."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(places.CONSOLE))
    except OSError:
        raise running.LabError(
            'the machine has no console, it is off',
            'switch it on with `tools/lab-baremetal power on`') from None
    print(f'Ctrl-] leaves; all that is said is in {places.CONSOLE_LOG}',
          file=sys.stderr)
    if not sys.stdin.isatty():
        _join(line)
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        _join(line)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _join(line):
    while True:
        for ready in select.select([line, sys.stdin], [], [])[0]:
            if ready is line:
                said = line.recv(4096)
                os.write(sys.stdout.fileno(), said)
            else:
                said = os.read(sys.stdin.fileno(), 4096)
                if LEAVE in said:
                    return
                line.sendall(said)
            if not said:
                return
