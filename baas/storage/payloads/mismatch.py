# SPDX-License-Identifier: Apache-2.0
"""The error of a backup that is not what the node has read."""
from baas import errors

LIST = 'has another file list than the node wrote'


class Mismatch(errors.BaasError):
    """What is stored is not what the node has read."""
    faultcode = 'baas.backup.mismatch'
    title = 'Backup differs'
    message = 'Backup {backup} of node {node} {reason}.'
    hint = 'Take a new backup; do not trust this one.'


def of(expected, reason):
    """Make the error.

    :param expected: manifest of the backup.
    :param reason: what is wrong, after "backup of node".
    """
    return Mismatch(backup=expected['backup'], node=expected['node'],
                    reason=reason)
