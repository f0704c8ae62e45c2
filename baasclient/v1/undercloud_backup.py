# SPDX-License-Identifier: Apache-2.0
"""openstack undercloud backup ...: backups of the undercloud."""
from baasclient.v1 import backup
from baasclient.v1 import trash


class CreateBackup(backup.CreateBackup):
    """Take a backup of the undercloud."""
    target = 'undercloud'


class ListBackup(backup.ListBackup):
    """List backups of the undercloud, newest first."""
    target = 'undercloud'


class ShowBackup(backup.ShowBackup):
    """Show a backup of the undercloud."""
    target = 'undercloud'


class DeleteBackup(backup.DeleteBackup):
    """Delete backups of the undercloud, their stored data included.

    Deletes run one after another: with more than one backup the command
    waits for each but the last, and with --wait for that too.
    """
    target = 'undercloud'


class UndeleteBackup(trash.UndeleteBackup):
    """Have backups of the undercloud back from the trash, as they were."""
    target = 'undercloud'
