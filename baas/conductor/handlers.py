# SPDX-License-Identifier: Apache-2.0
"""The kinds of jobs, by name."""
from oslo_config import cfg

from baas.conductor.backup import backup
from baas.conductor import boot_cleanup
from baas.conductor import check
from baas.conductor import delete
from baas.conductor.restore import restore
from baas.conductor.restore import restore_set

KINDS = {'backup': backup.Backup,
         'check': check.Check,
         'restore': restore.Restore,
         'restore-set': restore_set.RestoreSet,
         'plan': restore.Restore,
         'plan-set': restore_set.RestoreSet,
         'delete': delete.Delete,
         'put-back': boot_cleanup.PutBack}


def load(job, folder, conf=cfg.CONF):
    """Give the :class:`baas.conductor.handler.Kind` of a job."""
    return KINDS[job.kind](job, folder, conf)
