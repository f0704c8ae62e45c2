# SPDX-License-Identifier: Apache-2.0
"""The description of disks that ReaR keeps, ``disklayout.conf``: what it
says, and how it reads for disks of other names."""
import re

from baas.node.disks import matching
from baas.node import errors

_ALIEN = {
    'multipath': 'multipath devices', 'crypt': 'encrypted volumes',
    'opaldisk': 'self-encrypting disks', 'drbd': 'DRBD',
    'smartarray': 'arrays of a Smart Array controller',
    'logicaldrive': 'arrays of a Smart Array controller'}
_UUID = re.compile(r'\buuid=(\S+)')


def read(text):
    """Tell what a layout says of disks.

    :returns: list of disks of a backup, as :mod:`baas.node.disks.matching`
        wants them, without what identifies them but for marks.
    :raises errors.NodeError: it has what cannot be made without questions.
    """
    rows = [line.split() for line in text.splitlines()
            if line.strip() and not line.startswith('#')]
    found = {}
    for row in rows:
        if row[0] in _ALIEN:
            raise errors.NodeError(
                'The node has %s, which are not made anew without '
                'questions.' % _ALIEN[row[0]],
                'Make its disks by hand and restore with boot method ssh.')
        if row[0] == 'disk':
            found[row[1]] = {
                'name': row[1], 'size': int(row[2]), 'sector': None,
                'wwn': '', 'serial': '', 'path': '', 'drivers': [],
                'partitions': [], 'marks': [], 'needed': int(row[2])}
    if not found:
        raise errors.NodeError(
            'The rescue system knows no disk of the node.',
            'Look at its /var/lib/rear/layout/disklayout.conf.')
    devices = _partitions(rows, found)
    for row in rows:
        for device, uuid in _marks(row):
            if device in devices:
                devices[device]['marks'].append(matching.mark(uuid))
    return [found[name] for name in sorted(found)]


def _partitions(rows, found):
    """Put partitions into their disks; give the disk of each device."""
    devices = dict(found)
    for row in rows:
        if row[0] == 'part' and row[1] in found:
            disk = found[row[1]]
            disk['partitions'].append([int(row[3]), int(row[2])])
            # Newer ReaR has the identifier of the partition after it.
            for device in [word for word in row[6:]
                           if word.startswith('/dev/')][:1]:
                devices[device] = disk
    for disk in found.values():
        disk['needed'] = matching.needed(disk)
    return devices


def _marks(row):
    """List (device, identifier) of what a line of the layout makes."""
    uuid = _UUID.search(' '.join(row))
    if row[0] == 'lvmdev' and len(row) > 3:
        return [(row[2], row[3])]
    if row[0] in ('fs', 'swap') and uuid:
        return [(row[1], uuid.group(1))]
    if row[0] == 'raidarray' and uuid:
        members = [word[8:] for word in row if word.startswith('devices=')]
        return [(device, uuid.group(1))
                for device in ','.join(members).split(',')]
    return []


def known_as(disks, known):
    """Add to disks of a layout what they are known by.

    :param disks: as of :func:`read`.
    :param known: what the node saw when the layout was made (list of dict
        with name, size, sector, wwn, serial, path, drivers); others are
        left out.
    :returns: the disks.
    """
    by_name = {one['name']: one for one in known or []}
    for disk in disks:
        one = by_name.get(disk['name'])
        if one and one['size'] == disk['size']:
            disk.update({key: one.get(key) or disk[key] for key in (
                'sector', 'wwn', 'serial', 'path', 'drivers')})
    return disks


def renamed(text, names):
    """Write a text with other names of disks, partitions included.

    :param names: {old: new}, such as {'/dev/sda': '/dev/nvme0n1'}.
    """
    wanted = {old: new for old, new in names.items() if old != new}
    if not wanted:
        return text
    pattern = re.compile(r'(?<![\w/-])(%s)(?:(p?)(\d+))?(?![\w-])' % '|'.join(
        re.escape(old) for old in sorted(wanted, key=len, reverse=True)))

    def other(match):
        old, letter, number = match.groups()
        if number and bool(letter) != old[-1].isdigit():
            return match.group(0)  # the name of another disk
        new = wanted[old]
        if not number:
            return new
        return new + ('p' if new[-1].isdigit() else '') + number

    return pattern.sub(other, text)
