# SPDX-License-Identifier: Apache-2.0
"""Where the program keeps things on a node."""
import os

STATE = os.environ.get('BAAS_NODE_STATE', '/var/lib/baas-node')
"""Outlives a reboot; a part of every backup but for bin, cache and files."""
RUN = os.environ.get('BAAS_NODE_RUN', '/run/baas-node')
"""Gone after a reboot: credentials and what workers say."""
UNITS = os.environ.get('BAAS_NODE_UNITS', '/etc/systemd/system')
TOP = os.environ.get('BAAS_NODE_TOP', '/')
"""What is backed up: all below here, / on every real node."""
PROC = os.environ.get('BAAS_NODE_PROC', '/proc')
"""Where the processes of this node are."""
SNAPSHOTS = '.baas-snapshots'
"""Folder at the top of each file system that has snapshots of a job."""
MARKER = '.baas-restore'
"""Folder at the top of a disk that a restore is filling."""


def state(*names):
    """Give a path below the persistent folder."""
    return os.path.join(STATE, *names)


def work(job, *names):
    """Give a path below the folder of one job that is gone after a reboot."""
    return os.path.join(RUN, job, *names)


def make(path):
    """Make a folder and its parents that only root can look into."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path
