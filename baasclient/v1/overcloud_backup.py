# SPDX-License-Identifier: Apache-2.0
"""openstack overcloud backup ...: backups of the overcloud."""
from baasclient.v1 import backup
from baasclient.v1 import trash


class CreateBackup(backup.CreateBackup):
    """Take a set: one backup of each node of the overcloud."""
    target = 'overcloud'


class ListBackup(backup.ListBackup):
    """List backups of the overcloud, newest first."""
    target = 'overcloud'


class ShowBackup(backup.ShowBackup):
    """Show a backup of the overcloud."""
    target = 'overcloud'


class DeleteBackup(backup.DeleteBackup):
    """Delete backups of the overcloud, their stored data included.

    Deletes run one after another: with more than one backup the command
    waits for each but the last, and with --wait for that too.
    """
    target = 'overcloud'


class UndeleteBackup(trash.UndeleteBackup):
    """Have backups of the overcloud back from the trash, as they were."""
    target = 'overcloud'
