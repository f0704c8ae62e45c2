# SPDX-License-Identifier: Apache-2.0
"""A job that removes for good what has been in the trash for long enough."""
import functools

from oslo_config import cfg
from oslo_log import log

from baas.conductor.retention import cleanup
from baas.conductor.retention import stale
from baas.conductor.steps import owned
from baas.db.retention import sets
from baas.db.retention import trash
from baas.db import session
from baas import errors
from baas.requests import trash as requests

LOG = log.getLogger(__name__)


class Purge(cleanup.Cleanup):
    """See :class:`baas.conductor.handler.Handler`."""

    @functools.cached_property
    def doomed(self):
        """What goes: ids of backups and their kinds of payload, by node.

        The job was asked for these backups; what was undeleted since is not
        among them any more, and from this look on nobody can undelete one.
        """
        owned.claim(self)
        try:
            stale.demand_current(self.storage, self.keys)
        except stale.Stale:
            trash.put_off(self.job, self.job.epoch)
            raise
        doomed = {}
        for id, rows in trash.condemn(self.job).items():
            self._say(f'Set {id}: {len(rows)} backups leave the trash for '
                      'good.' if rows else
                      f'Set {id} stays for now: it has just been changed.')
            for row in rows:
                doomed.setdefault(row.node, {})[row.id] = row.payload
        return doomed

    def close(self):
        """See :class:`baas.conductor.handler.Handler`."""
        trash.put_off(self.job, self.job.epoch)  # sets that stay for now


def empty(conf=cfg.CONF):
    """Ask for a job for each target of which something has been in the trash
    for long enough; a target that is at work waits for the next time, and one
    that cannot be asked for keeps no other from it.

    What was moved there may be the last good sets before one that is
    suspicious: as for clean-ups, nothing goes until somebody trusts that one
    or deletes it.
    """
    due = {} if conf.cleanups.purge_paused else trash.due()
    for target, found in sorted(due.items()):
        if sets.suspicious(target):
            continue
        try:
            requests.purge(target, found)
        except errors.TargetBusy as error:
            LOG.debug('The trash of the %s waits: %s', target, error)
        except Exception as error:
            if session.is_away(error):
                raise
            LOG.exception('The trash of the %s cannot be emptied', target)
