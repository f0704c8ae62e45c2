# SPDX-License-Identifier: Apache-2.0
"""What is odd about a backup that is whole, before it is called so."""
from oslo_log import log

from baas.db.retention import sets
from baas.retention import suspicion

LOG = log.getLogger(__name__)
_NEEDED = ('size_bytes', 'files', 'stored_bytes')


def of(row, stored):
    """Hold the figures of a backup against those of earlier ones.

    :param row: row of the backup.
    :param stored: its columns, by name.
    :returns: list of sentences; None when nothing is odd.
    """
    measure = _measure(stored.get)
    if measure is None:
        return None
    earlier = [_measure(lambda name, one=one: getattr(one, name))
               for one in sets.usual(row, suspicion.MOST)]
    found = suspicion.judge(measure, [one for one in earlier if one])
    if found:
        LOG.warning('Backup %s of %s is suspicious: %s', row.id, row.node,
                    '; '.join(found))
    return found or None


def _measure(get):
    if any(get(name) is None for name in _NEEDED):
        return None
    return suspicion.Measure(*(get(name) for name in _NEEDED),
                             get('added_bytes'))
