# SPDX-License-Identifier: Apache-2.0
"""A job that deletes all sets that a policy does not keep."""
import functools

from baas.conductor import handler
from baas.conductor.steps import owned
from baas.db.retention import cleanups
from baas.db import events
from baas.db.retention import sets
from baas.requests import cleanups as decisions


class Cleanup(handler.Handler):
    """See :class:`handler.Handler`."""

    @functools.cached_property
    def doomed(self):
        """What goes: ids of backups and their kinds of payload, by node.

        The first look decides, and from then on these backups are being
        deleted: a set that is protected meanwhile is not among them, and
        whoever comes later cannot protect one any more. If the job dies they
        are in error, and the next clean-up deletes them.
        """
        owned.claim(self)  # before any set is condemned
        found = decisions.decide(cleanups.get(self.job.options['policy']),
                                 self.job.id)
        gone = [one for one in found if not one.keep]
        self._say(f'{len(found) - len(gone)} sets stay and {len(gone)} go.')
        for text in {reason.text for one in found for reason in one.reasons
                     if reason.code == 'suspicious'}:
            self._say(text[0].upper() + text[1:] + '.', 'warning')
        doomed = {}
        for one in gone:
            rows = sets.condemn(one.set.id, job=self.job.id,
                                epoch=self.job.epoch)
            fate = ('stays: it was protected just now' if not rows else
                    f'goes: {", ".join(one.text for one in one.reasons)}')
            self._say(f'Set {one.set.id} of '
                      f'{one.set.created_at:%Y-%m-%d %H:%M} UTC {fate}.')
            for row in rows:
                doomed.setdefault(row.node, {})[row.id] = row.payload
        return doomed

    @property
    def nodes(self):
        """See :class:`handler.Handler`."""
        return sorted(self.doomed)

    def _say(self, message, level='info'):
        events.add(self.job.id, message, level=level, step='delete',
                   epoch=self.job.epoch)
