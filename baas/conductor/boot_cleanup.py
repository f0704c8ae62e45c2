# SPDX-License-Identifier: Apache-2.0
"""A job that puts back what a restore has changed to boot a rescue system,
and could not put back itself."""
from oslo_config import cfg
from oslo_log import log

from baas.conductor import handler
from baas.db import boot_undos
from baas.db import session
from baas import errors
from baas.requests import submit

LOG = log.getLogger(__name__)


class BootCleanup(handler.Handler):
    """See :class:`handler.Handler`."""

    def require_key(self):
        """Nothing: this only undoes."""

    @property
    def nodes(self):
        """See :class:`handler.Handler`."""
        return [self.job.node]


def collect(conf=cfg.CONF):
    """Ask for a job for each boot undo that is due; one whose target is at
    work waits for the next time, and one that cannot be asked for keeps no
    other from it."""
    for row in boot_undos.due(conf.boot.cleanup_interval * 60):
        try:
            submit.boot_cleanup(row, conf=conf)
        except (errors.TargetBusy, errors.NotFound) as error:
            LOG.debug('The boot undo of job %s for %s waits: %s', row.job_id,
                      row.node, error)
        except errors.BaasError as error:
            LOG.warning('What job %s has to undo for %s cannot be put back: '
                        '%s',
                        row.job_id, row.node, error)
        except Exception as error:
            if session.is_away(error):
                raise
            LOG.exception('What job %s has to undo for %s cannot be put back',
                          row.job_id, row.node)
