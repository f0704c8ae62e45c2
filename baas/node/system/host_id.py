# SPDX-License-Identifier: Apache-2.0
"""Who this node is."""
import os


def hostname():
    """Give the name of the node as it knows itself (str)."""
    return os.uname().nodename


def machine_id():
    """Give the id in /etc/machine-id, or '' when there is none."""
    try:
        with open('/etc/machine-id') as handle:
            return handle.read().strip()
    except OSError:  # pragma: no cover - each system has one
        return ''
