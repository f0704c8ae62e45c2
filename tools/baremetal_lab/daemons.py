# SPDX-License-Identifier: Apache-2.0
"""Servers of the lab: started detached, found again by their surroundings.

A process id in a file may be gone or belong to somebody else; what a
process was started with is true as long as it lives.
"""
import os
import pathlib
import signal
import subprocess

from baremetal_lab import places
from container_lab import running

VARIABLE = 'BAAS_METAL_PART'


def mark(name):
    """Give the value of the variable by which a server is found."""
    return f'{places.STATE}:{name}'


def start(name, command, cwd=None, env=None):
    """Start a server, unless it runs, with a log of its own.

    :param name: what it is called here and in the name of its log.
    :param command: its words.
    :param cwd: its folder.
    :param env: more environment (dict).
    """
    if processes(name):
        return
    places.LOGS.mkdir(parents=True, exist_ok=True)
    with open(places.LOGS / f'{name}.log', 'ab') as log:
        subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True, cwd=cwd or '/',
            env={**os.environ, **(env or {}), VARIABLE: mark(name)})


def processes(name):
    """List the process ids of a server and of what it started (ints)."""
    wanted, found = f'{VARIABLE}={mark(name)}'.encode(), []
    for folder in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            words = (folder / 'environ').read_bytes().split(b'\0')
            state = (folder / 'stat').read_text().rpartition(')')[2]
        except OSError:
            continue
        if wanted in words and state.split()[0] != 'Z':
            found.append(int(folder.name))
    return found


def stop(name, seconds=10):
    """Stop a server: kindly, and by force after so many seconds."""
    _signal(name, signal.SIGTERM)
    try:
        running.wait_for(f'the end of {name}',
                         lambda: not processes(name), seconds, 'none', 0.1)
    except running.LabError:
        _signal(name, signal.SIGKILL)


def log_of(name):
    """Give the hint that names the log of a server."""
    return f'see {places.LOGS}/{name}.log'


def _signal(name, number):
    for pid in processes(name):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
