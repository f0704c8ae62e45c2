# SPDX-License-Identifier: Apache-2.0
"""Gaps: what they are made of, and when two are the same."""

KINDS = {
    'secret': ('secret', 'secrets'),
    'node': ('node', 'nodes'),
    'machine': ('machine', 'machines'),
    'filesystem': ('file system', 'file systems'),
    'device': ('disk or volume', 'disks or volumes'),
    'path': ('path', 'paths'),
    'service': ('service', 'services'),
    'unanswered': ('open question', 'open questions')}
"""Every kind, and what people call one and several; in the order in which
they matter."""
_FIELDS = {'kind': str, 'what': str, 'reason': str, 'text': str,
           'harmless': bool}
_LONGEST = 500
_MOST = 2000


def gap(node, kind, what, reason, text, harmless=False):
    """Make a gap that no node has told of (dict).

    :param node: inventory name of the node that it is of; None for the whole
        set.
    :param kind: a key of :data:`KINDS`.
    :param what: which one: the same each time.
    :param reason: why, as a word for programs.
    :param text: why, one sentence.
    :param harmless: True when nothing is missed for it after a restore.
    """
    return {'node': node, 'kind': kind, 'what': what, 'reason': reason,
            'text': text, 'harmless': harmless, 'fstype': None,
            'used_bytes': None}


def key(one):
    """Give what a gap is known by: neither size nor words nor order."""
    return one['node'], one['kind'], one['what']


def ordered(found):
    """Sort gaps: what does harm first, then by kind, what and node."""
    kinds = list(KINDS)
    return sorted(found, key=lambda one: (
        one['harmless'], kinds.index(one['kind']), one['what'],
        one['node'] or ''))


def told(node, part):
    """Read what a node says of itself, leaving out what is not as it should
    be: it comes from another machine.

    :param part: what its verb ``check`` has under ``coverage``, or None.
    :returns: (gaps, kinds that it has looked for).
    """
    if not isinstance(part, dict) or not all(
            isinstance(part.get(name), list) for name in ('gaps', 'looked')):
        return [], []
    gaps = {}
    for one in part['gaps'][:_MOST]:
        read = _read(node, one)
        if read:
            gaps.setdefault(key(read), read)
    return list(gaps.values()), [
        kind for kind in KINDS if kind in part['looked']]


def _read(node, one):
    if not isinstance(one, dict) or not all(
            isinstance(one.get(name), kind)
            for name, kind in _FIELDS.items()) or one['kind'] not in KINDS:
        return None
    fstype, used = one.get('fstype'), one.get('used_bytes')
    return {'node': node, **{
        name: one[name] if kind is bool else one[name][:_LONGEST]
        for name, kind in _FIELDS.items()},
        'fstype': fstype[:_LONGEST] if isinstance(fstype, str) else None,
        'used_bytes': used if isinstance(used, int)
        and not isinstance(used, bool) else None}
