# SPDX-License-Identifier: Apache-2.0
"""A gap: something that a backup of this node does not hold.

It is known by its kind and by what it is, which must be the same the next
time: no size, no id that is made anew at each start, no name that depends on
which disk was found first."""
import re

_ID = re.compile(r'[0-9a-f]{8}(?:--?[0-9a-f]{4}){3}--?[0-9a-f]{12}'
                 r'|(?<![0-9a-f])[0-9a-f]{12,}(?![0-9a-f])')


def gap(kind, what, reason, text, harmless=False, fstype=None,
        used_bytes=None):
    """Make a gap (dict).

    :param kind: ``filesystem``, ``device``, ``path``, ``service``,
        ``secret`` or ``unanswered``.
    :param what: which one, the same each time (str).
    :param reason: why, as a word for programs.
    :param text: why, one sentence.
    :param harmless: True when nothing is missed for it after a restore.
    :param fstype: kind of a file system, or None.
    :param used_bytes: what is on it, or None where nobody can tell.
    """
    return {'kind': kind, 'what': printable(what), 'reason': reason,
            'text': printable(text), 'harmless': harmless, 'fstype': fstype,
            'used_bytes': used_bytes}


def stable(name):
    """Put ``*`` for all ids in a name, such as those of containers."""
    return _ID.sub('*', name)


def printable(name):
    """Write a name of which nobody knows the letters as plain text."""
    return ''.join(
        letter if letter.isprintable() else ascii(letter)[1:-1]
        for letter in name)


def merged(found):
    """Keep one gap of each kind and what: the one that does harm.

    :returns: list, sorted by kind and what.
    """
    kept = {}
    for one in found:
        key = (one['kind'], one['what'])
        if key not in kept or kept[key]['harmless']:
            kept[key] = one
    return [kept[key] for key in sorted(kept)]
