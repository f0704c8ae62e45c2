# SPDX-License-Identifier: Apache-2.0
"""The machines of the lab without the network: seen from the host."""
import json
import pathlib
import subprocess

from baas.tests.lab import machines


def leader(name):
    """Give the process that is pid 1 of a machine.

    :param name: the machine.
    :raises AssertionError: it is off.
    """
    for path in pathlib.Path('/sys/fs/cgroup').glob(
            f'**/baas-lab/{machines.on_host(name)}/**/cgroup.procs'):
        for pid in _processes(path):
            if _is_leader(pid):
                return int(pid)
    raise AssertionError(f'{name} is off')


def _processes(path):
    try:
        return path.read_text().split()
    except OSError:
        # A group that has just ended.
        return []


def _is_leader(pid):
    try:
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
    except OSError:
        return False
    ids = next(line for line in status.splitlines()
               if line.startswith('NSpid:')).split()[1:]
    return len(ids) > 1 and ids[-1] == '1'


def run(name, script, namespaces='-m'):
    """Run a script in namespaces of a machine, with rights that it has not
    itself, whether or not its network and its sshd work.

    :param namespaces: options of nsenter, in one string.
    """
    subprocess.run(['nsenter', '-t', str(leader(name)), *namespaces.split(),
                    'sh', '-c', script], check=True)


def read_json(name, path):
    """Read a file of a machine at once; None when it is not there."""
    try:
        return json.loads(pathlib.Path(
            f'/proc/{leader(name)}/root{path}').read_text())
    except (OSError, ValueError, AssertionError):
        return None
