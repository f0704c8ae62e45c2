# SPDX-License-Identifier: Apache-2.0
"""Disks and volumes with content of which nothing is mounted."""
import json
import os
import re

from baas.node.coverage import gaps
from baas.node.system import presence
from baas.node.system import sysfs

_COLUMNS = ('NAME', 'KNAME', 'MAJ:MIN', 'FSTYPE', 'UUID', 'LABEL', 'TYPE')
_OTHERS = ('loop', 'rom')
_HINT = 'Look at lsblk on the node.'
_LUKS = 'crypto_LUKS'
_CONFIG = 'config-2'
"""Label of a config drive, as the Bare Metal service writes one."""
_DASH = re.compile('(?<!-)-(?!-)')


def known():
    """List what the kernel has of disks, partitions and volumes.

    :returns: list of {'name', 'number', 'fstype', 'uuid', 'label', 'type',
        'leaf' (bool: nothing is on it)}; each device once.
    :raises errors.Unknown: lsblk does not tell.
    """
    words = ['lsblk', '--json', '--output', ','.join(_COLUMNS)]
    out = presence.ask(words, _HINT, 30)
    found = {}
    try:
        _gather(json.loads(out or '{}').get('blockdevices') or [], found)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise presence.unreadable(words[:2], out, _HINT)
    return [found[name] for name in sorted(found)]


def look(own, there):
    """Find what has content, and none of it is mounted.

    :param own: :class:`baas.node.coverage.held.Held`.
    :param there: as of :func:`known`.
    :returns: list of gaps.
    """
    numbers = {mount['number'] for mount in own.mounts}
    sources = {mount['device'] for mount in own.mounts}
    used = {one['uuid'] for one in there
            if one['uuid'] and _is_used(one, numbers, sources)}
    groups = {_group(one) for one in there if one['type'] == 'lvm'
              and _is_used(one, numbers, sources)}
    found = []
    for one in there:
        if not one['leaf'] or _is_used(one, numbers, sources) or (
                one['uuid'] in used):
            continue
        found += _of(one, groups)
    return found


def locked(there):
    """Name what of :func:`known` is encrypted, opened or not: [(UUID or
    name, name)]."""
    return [(one['uuid'] or one['name'], one['name']) for one in there
            if one['fstype'] == _LUKS]


def _gather(rows, found):
    for row in rows:
        below = row.get('children') or []
        _gather(below, found)
        # To a container the kernel shows disks that it cannot reach.
        if row.get('type') in _OTHERS or _is_inner(row['kname']) or (
                not os.path.exists('/dev/' + row['kname'].replace('!', '/'))):
            continue
        found[row['kname']] = {
            'name': row['name'], 'number': row.get('maj:min') or '',
            'fstype': row.get('fstype') or '', 'uuid': row.get('uuid') or '',
            'label': row.get('label') or '', 'type': row.get('type') or '',
            'leaf': not below}


def _is_inner(kname):
    """Tell whether it is a part of a volume of LVM, such as the pool of thin
    ones, and no volume itself: those have no more than two ids."""
    uuid = sysfs.read('/sys/class/block', kname, 'dm/uuid')
    return uuid.startswith('LVM-') and '-' in uuid[len('LVM-'):]


def _is_used(one, numbers, sources):
    return one['number'].strip() in numbers or bool(
        {'/dev/' + one['name'], '/dev/mapper/' + one['name']} & sources)


def _group(one):
    """Name the volume group of a volume, as the mapper writes its name."""
    return _DASH.split(one['name'])[0].replace('--', '-')


def _of(one, groups):
    fstype = one['fstype']
    label = '%s %s' % (fstype, one['uuid']) if one['uuid'] else one['name']
    if one['type'] == 'lvm' and fstype != 'swap' and (
            _group(one) not in groups):
        yield _of_group(_group(one))
    elif fstype == 'swap':
        yield gaps.gap('device', 'swap', 'swap',
                       'What is swapped is gone at each start.', True, fstype)
    elif one['label'] == _CONFIG:
        yield gaps.gap('device', _CONFIG, 'config',
                       'The first start of this system was configured from '
                       'it.', True, fstype)
    elif fstype.startswith('ceph'):
        yield _ceph(label)
    elif one['type'] == 'lvm' or fstype:
        yield gaps.gap(
            'device', label, 'unmounted',
            '%s holds %s, and nothing of it is mounted.' % (
                one['name'], fstype or 'something that has no file system'),
            False, fstype or None)


def _of_group(group):
    if group.startswith('ceph-'):
        return _ceph('group ' + gaps.stable(group))
    return gaps.gap(
        'device', 'group ' + gaps.stable(group), 'unmounted',
        'Nothing of this group of volumes is mounted, such as volumes of '
        'Block Storage or of virtual machines.')


def _ceph(what):
    return gaps.gap('device', what, 'ceph',
                    'It is the data of a Ceph OSD, of which Ceph keeps its '
                    'own copies.')
