# SPDX-License-Identifier: Apache-2.0
"""Servers of the lab: started detached, each in a control group of its own.

A process id in a file may be gone or belong to somebody else; what is in
the control group is the server and all that it started.
"""
import os
import signal
import subprocess

from baremetal_lab import places
from container_lab import cgroup
from container_lab import running


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
            env={**os.environ, **(env or {})},
            preexec_fn=lambda: cgroup.enter(_group(name)))


def processes(name):
    """List the process ids of a server and of what it started (ints)."""
    return cgroup.processes(_group(name))


def stop(name, seconds=10):
    """Stop a server: kindly, and by force after so many seconds."""
    for pid in processes(name):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    try:
        running.wait_for(f'the end of {name}',
                         lambda: not processes(name), seconds, 'none', 0.1)
    except running.LabError:
        pass
    cgroup.kill(_group(name))


def log_of(name):
    """Give the hint that names the log of a server."""
    return f'see {places.LOGS}/{name}.log'


def _group(name):
    return f'metal-server-{name}'
