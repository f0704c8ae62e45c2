# SPDX-License-Identifier: Apache-2.0
"""The machines of the lab over the network, asked by this process itself.

One SSH connection a machine stays open while it is used, so that a question
costs a round trip and no login."""
import atexit
import functools
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[3]
_IDLE = 60  # seconds after which a connection that nobody uses ends


@functools.cache
def _lab():
    """Give modules of the lab, with connections that are shared."""
    sys.path.insert(0, str(TOP / 'tools'))
    from container_lab import cluster
    from container_lab import keys
    from container_lab import machine
    from container_lab import places
    folder = tempfile.mkdtemp(prefix='baas-lab-ssh-')
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    keys.OPTIONS += (
        '-o', 'ControlMaster=auto', '-o', f'ControlPath={folder}/%C',
        '-o', f'ControlPersist={_IDLE}',
        # A machine that is switched off does not say so.
        '-o', 'ServerAliveInterval=2', '-o', 'ServerAliveCountMax=2')
    return cluster, keys, machine, places


def on(name, script, check=True):
    """Run a shell script as root on a machine, or in its rescue system.

    :returns: its output (str).
    :raises AssertionError: it failed and ``check`` is true.
    """
    _, keys, machine, places = _lab()
    node = places.NODES[name]
    words = keys.command(node)
    if machine.state(node) == 'rescue':
        words = keys.command(node, 'root', 'rescue_known_hosts')
    # Whoever holds the connection open keeps a pipe open with it.
    with tempfile.TemporaryFile('w+') as said:
        done = subprocess.run(
            [*words, f'sudo sh -c {shlex.quote(script)}'], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said)
        said.seek(0)
        if check and done.returncode:
            raise AssertionError(f'{name}: {done.stdout[-1500:]}'
                                 f'{said.read()[-1500:]}')
    return done.stdout


def on_host(name):
    """Give what this host calls a machine."""
    return _lab()[3].NODES[name].machine


def complaints(seconds=180):
    """Wait until the lab is well; give what is wrong if it is not."""
    cluster = _lab()[0]
    until = time.monotonic() + seconds
    while True:
        found = cluster.health()['complaints']
        if not found or time.monotonic() > until:
            return found
        time.sleep(1)
