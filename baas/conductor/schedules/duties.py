# SPDX-License-Identifier: Apache-2.0
"""All that the sweep does for schedules, one thing after another."""
from oslo_log import log

from baas.conductor.schedules import follow
from baas.conductor.schedules import overdue
from baas.conductor.schedules import monitors
from baas.conductor.schedules import scheduler
from baas.db import session

LOG = log.getLogger(__name__)


class Duties:
    """What one conductor does for schedules.

    :param conf: the configuration.
    """

    def __init__(self, conf):
        self._conf = conf
        self._monitors = monitors.Monitors()

    def do(self):
        """Do each duty once; one that fails keeps no other from being done.

        :raises Exception: the database is away (see
            :func:`baas.db.session.is_away`).
        """
        for duty, what in (
                # What follows a run comes before the next run.
                (lambda: follow.begin_next(self._conf), 'follows runs'),
                (lambda: scheduler.begin_due(self._conf), 'begins runs'),
                (overdue.look, 'looks for overdue schedules'),
                (self._monitors.tell, 'tells monitors')):
            try:
                duty()
            except Exception as error:
                if session.is_away(error):
                    raise
                LOG.exception('The duty that %s has failed', what)
