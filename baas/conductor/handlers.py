# SPDX-License-Identifier: Apache-2.0
"""The kinds of jobs, by name."""
from oslo_config import cfg

from baas.conductor.backup import backup
from baas.conductor.backup import check
from baas.conductor import boot_cleanup
from baas.conductor.restore import restore
from baas.conductor.restore import restore_set
from baas.conductor.retention import cleanup
from baas.conductor.retention import delete
from baas.conductor.retention import purge
from baas.conductor.verification import spot_check
from baas.conductor.verification import verify

HANDLERS = {'backup': backup.Backup,
            'check': check.Check,
            'restore': restore.Restore,
            'restore-set': restore_set.RestoreSet,
            'restore-plan': restore.Restore,
            'restore-set-plan': restore_set.RestoreSet,
            'delete': delete.Delete,
            'cleanup': cleanup.Cleanup,
            'purge': purge.Purge,
            'verify': verify.Verify,
            'spotcheck': spot_check.SpotCheck,
            'boot-cleanup': boot_cleanup.BootCleanup}


def load(job, workdir, conf=cfg.CONF):
    """Give the :class:`baas.conductor.handler.Handler` of a job."""
    return HANDLERS[job.kind](job, workdir, conf)
