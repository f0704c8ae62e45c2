# SPDX-License-Identifier: Apache-2.0
"""Which hosts of an inventory ``[targets]`` means.

As in a pattern of Ansible: names of groups or hosts, ``*`` and ``?`` in them,
several with ``:`` between; ``&NAME`` keeps the hosts that are in NAME as well,
``!NAME`` takes its hosts out.
"""
import fnmatch
import re

_NO_GROUP = '_meta'
_WILD = re.compile(r'[*?\[]')
_MEMBERS = 'hosts', 'children'


def chosen(listed, patterns):
    """Give the hosts that patterns mean together.

    :param listed: what :func:`baas.runner.listing.listed` has given.
    :param patterns: list of str, such as ``Controller:&central``.
    :returns: names in the order of the inventory (list), each once.
    """
    found = {}
    terms = [one for pattern in patterns for one in _terms(listed, pattern)]
    for sign, name in terms:
        if not sign:
            found.update(dict.fromkeys(_named(listed, name)))
    # In this order, wherever they stand, as Ansible does.
    for wanted in '&!':
        for sign, name in terms:
            if sign == wanted:
                others = set(_named(listed, name))
                found = {host: None for host in found
                         if (host in others) == (sign == '&')}
    return list(found)


def missing(listed, patterns):
    """Name what patterns name and the inventory does not have (list)."""
    known = {*_groups(listed), *_hosts(listed), 'all'}
    return [name for pattern in patterns
            for _, name in _terms(listed, pattern)
            if not fnmatch.filter(known, name) and name not in known]


def halves(listed, patterns):
    """Find groups that patterns name and that have hosts of several stacks.

    TripleO writes for each role a group without hosts of its own, whose
    children are called ``<stack>_<role>`` (``tripleo_common/inventories.py``,
    which merges the inventories of stacks).

    :returns: {group: {child: set of hosts that are meant}}, of groups with
        more than one such child.
    """
    meant, found = set(chosen(listed, patterns)), {}
    for name in {name for pattern in patterns
                 for sign, name in _terms(listed, pattern) if not sign}:
        stacks = {child: hosts for child in _entry(listed, name)[1]
                  if child.endswith(f'_{name}')
                  and (hosts := meant & set(members(listed, child)))}
        if len(stacks) > 1:
            found[name] = stacks
    return found


def members(listed, group):
    """Give the hosts of a group and of the groups below it (list)."""
    found, seen, todo = {}, set(), [group]
    while todo:
        name = todo.pop(0)
        if name not in seen:
            seen.add(name)
            hosts, children = _entry(listed, name)
            found.update(dict.fromkeys(hosts))
            todo[:0] = children
    return list(found)


def _named(listed, name):
    if name in ('all', '*'):
        return list(_hosts(listed))
    if name in _groups(listed):
        return members(listed, name)
    if not _WILD.search(name):
        return [name] if name in _hosts(listed) else []
    found = dict.fromkeys(
        host for group in fnmatch.filter(_groups(listed), name)
        for host in members(listed, group))
    found.update(dict.fromkeys(fnmatch.filter(_hosts(listed), name)))
    return list(found)


def _terms(listed, pattern):
    """Take a pattern apart: list of (sign, name)."""
    pattern = pattern.strip()
    # The name of a host may be an address, with colons.
    whole = pattern in _groups(listed) or pattern in _hosts(listed)
    words = [pattern] if whole else pattern.split(':')
    return [(word[0], word[1:]) if word[0] in '&!' else ('', word)
            for word in map(str.strip, words) if word]


def _entry(listed, group):
    entry = listed.get(group, {}) if group != _NO_GROUP else {}
    return [entry.get(kind, ()) for kind in _MEMBERS]


def _groups(listed):
    return dict.fromkeys(
        [name for name in listed if name != _NO_GROUP]
        # A group without hosts is only among the children of another.
        + [child for name in listed for child in _entry(listed, name)[1]])


def _hosts(listed):
    found = dict.fromkeys(
        host for name in listed for host in _entry(listed, name)[0])
    found.update(dict.fromkeys(
        listed.get(_NO_GROUP, {}).get('hostvars', {})))
    return found
