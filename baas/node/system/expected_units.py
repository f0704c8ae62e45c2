# SPDX-License-Identifier: Apache-2.0
"""What ran when a backup began, for the node that was restored from it."""
import os

from baas.node import paths
from baas.node.system import atomic_file

_NAME = 'expected.json'
_FOLDER = 'var/lib/baas-node'


def write(root, job, names):
    """Leave names of units for the node to come.

    :param root: where the restored root is mounted (str).
    :param job: id of the restore, which alone asks for them.
    """
    if names:
        folder = os.path.join(root, _FOLDER)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        atomic_file.write_json(os.path.join(folder, _NAME),
                               {'job': job, 'units': names})


def read(job):
    """Give the names of the units that a restore left; [] without any."""
    kept = atomic_file.read_json(paths.state(_NAME)) or {}
    return kept['units'] if kept.get('job') == job else []


def forget(job):
    """Take away what a restore left."""
    if read(job):
        atomic_file.remove(paths.state(_NAME))
