# SPDX-License-Identifier: Apache-2.0
"""The kinds of jobs, by name."""
from oslo_config import cfg

from baas.conductor import backup
from baas.conductor import check
from baas.conductor import delete
from baas.conductor import put_back
from baas.conductor import restore
from baas.conductor import restore_set

KINDS = {'backup': backup.Backup,
         'check': check.Check,
         'restore': restore.Restore,
         'restore-set': restore_set.RestoreSet,
         'plan': restore.Restore,
         'plan-set': restore_set.RestoreSet,
         'delete': delete.Delete,
         'put-back': put_back.PutBack}


def load(job, folder, conf=cfg.CONF):
    """Give the :class:`baas.conductor.kind.Kind` of a job."""
    return KINDS[job.kind](job, folder, conf)
