# SPDX-License-Identifier: Apache-2.0
"""A job that deletes all sets that a policy does not keep."""
import functools

from baas.conductor import handler
from baas.conductor.retention import stale
from baas.conductor.steps import owned
from baas.conductor.verification import preemption
from baas.db.retention import cleanups
from baas.db import events
from baas.db.retention import sets
from baas.db.retention import trash
from baas import duration
from baas.requests import cleanups as decisions

_TIME = '%Y-%m-%d %H:%M'


class Cleanup(handler.Handler):
    """See :class:`handler.Handler`."""

    def demand(self):
        """See :class:`handler.Handler`."""
        super().demand()
        preemption.end_verifications(self.job)

    @functools.cached_property
    def doomed(self):
        """What goes: ids of backups and their kinds of payload, by node.

        The first look decides, and from then on these backups are being
        deleted: a set that is protected meanwhile is not among them, and
        whoever comes later cannot protect one any more. If the job dies they
        are in error, and the next clean-up deletes them. Where there is a
        delay they are moved to the trash, and nothing is deleted.
        """
        owned.claim(self)  # before any set is condemned
        stale.demand_current(self.storage, self.keys)
        found = [one for one in decisions.decide(
            cleanups.get(self.job.options['policy']), self.job.id)
            if one.set.purge_at is None]
        gone = [one for one in found if not one.keep]
        self._say(f'{len(found) - len(gone)} sets stay and {len(gone)} go.')
        for text in {reason.text for one in found for reason in one.reasons
                     if reason.code == 'suspicious'}:
            self._say(text[0].upper() + text[1:] + '.', 'warning')
        doomed = {}
        for one in gone:
            for row in self._remove(one):
                doomed.setdefault(row.node, {})[row.id] = row.payload
        return doomed

    def _remove(self, one):
        """Give the rows of the backups that are to be deleted now."""
        lease = {'job': self.job.id, 'epoch': self.job.epoch}
        delay, rows = duration.delay(self.conf.cleanups.delete_delay), []
        if delay:
            until = trash.put_set(one.set.id, delay, **lease)
            fate = until and f'goes to the trash until {until:{_TIME}} UTC'
        else:
            rows = sets.condemn(one.set.id, **lease)
            fate = rows and 'goes'
        fate = (f'{fate}: {", ".join(why.text for why in one.reasons)}'
                if fate else 'stays: it was protected just now')
        self._say(f'Set {one.set.id} of {one.set.created_at:{_TIME}} UTC '
                  f'{fate}.')
        return rows

    @property
    def nodes(self):
        """See :class:`handler.Handler`."""
        return sorted(self.doomed)

    def _say(self, message, level='info'):
        events.add(self.job.id, message, level=level, step='delete',
                   epoch=self.job.epoch)
