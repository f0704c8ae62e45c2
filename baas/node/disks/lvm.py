# SPDX-License-Identifier: Apache-2.0
"""Volumes of LVM: what the kernel tells of them, and LVM's own commands."""
import glob
import json
import os
import re

from baas.node.system import atomic_file
from baas.node.system import command
from baas.node.system import presence

_UUID = 4 + 2 * 32
"""Length of what all devices of one volume have in common."""
PREFIX = 'baas_'
"""How names of snapshots begin."""
# Before any rules that make links: those of device-mapper have other numbers
# in each distribution.
_RULES = '/run/udev/rules.d/12-baas.rules'
_RULE = ('SUBSYSTEM=="block", ATTR{dm/name}=="*-' + PREFIX + '*", '
         'ENV{DM_UDEV_DISABLE_DISK_RULES_FLAG}="1", '
         'ENV{DM_UDEV_DISABLE_OTHER_RULES_FLAG}="1"\n')
_HINT = 'Look at the volume group with vgs and lvs.'
_LIMIT = 60
_GONE = 'does not exist'
# What LVM keeps of the groups on the root file system is as before the
# snapshots when these are gone: they leave no trace there. Nor is a daemon to
# be started, which would keep the mounts of a capture for ever; what is
# watched stays watched.
_QUIETLY = ['--yes', '--config', 'backup { backup = 0 archive = 0 } '
            'activation { monitoring = 0 }']


def volume(number):
    """Tell what a block device is to LVM, without asking LVM.

    :param number: of the device, as ``major:minor``.
    :returns: {'group', 'name', 'size' (bytes), 'pool': name of the thin
        pool's device or None, 'snapshot': True for one that is an old-style
        snapshot itself}, or None when it is no volume.
    """
    folder = os.path.join('/sys/dev/block', number)
    uuid = _read(folder, 'dm', 'uuid')
    if not uuid.startswith('LVM-') or len(uuid) != _UUID:
        return None
    group, name = [part.replace('--', '-') for part in re.split(
        '(?<!-)-(?!-)', _read(folder, 'dm', 'name'), 1)]
    found = {'group': group, 'name': name, 'pool': None, 'snapshot': False,
             'size': int(_read(folder, 'size')) * 512}
    waiting = [folder]
    while waiting:
        for path in glob.glob(os.path.join(waiting.pop(), 'slaves', '*')):
            part = _read(path, 'dm', 'uuid')
            if part.startswith('LVM-') and part.endswith('-tpool'):
                found['pool'] = _read(path, 'dm', 'name')
            elif part.startswith(uuid):
                found['snapshot'] |= part.endswith('-cow')
                waiting.append(path)
    return found


def is_used():
    """Tell whether the node has any volume of LVM."""
    return any(_read(path).startswith('LVM-')
               for path in glob.glob('/sys/block/dm-*/dm/uuid'))


def _read(*names):
    try:
        with open(os.path.join(*names)) as handle:
            return handle.read().strip()
    except OSError:
        return ''  # no such thing, or no device-mapper


def device(name):
    """Give the name of the device of a volume.

    :param name: ``group/volume``.
    """
    return '-'.join(part.replace('-', '--') for part in name.split('/'))


def groups():
    """List the volume groups.

    :returns: {name: {'extent': bytes, 'free': extents, 'whole': False when
        disks are missing or it may not be changed}}.
    :raises baas.node.errors.NodeError: LVM does not tell.
    """
    rows = _report('vgs', 'vg_name,vg_extent_size,vg_free_count,vg_attr')
    return {row['vg_name']: {
        'extent': int(row['vg_extent_size']),
        'free': int(row['vg_free_count']),
        'whole': row['vg_attr'][0] == 'w' and row['vg_attr'][3] != 'p'}
        for row in rows}


def tagged(tag):
    """List the volumes that have a tag.

    :returns: list of ``group/volume``.
    :raises baas.node.errors.NodeError: LVM does not tell.
    """
    rows = _report('lvs', 'vg_name,lv_name', '--select',
                   'lv_tags={"%s"}' % tag)
    return ['%s/%s' % (row['vg_name'], row['lv_name']) for row in rows]


def _report(verb, fields, *more):
    words = [verb, '--reportformat', 'json', '--units', 'b', '--nosuffix',
             '-o', fields] + list(more)
    out = presence.ask(words, _HINT, _LIMIT)
    try:
        return json.loads(out)['report'][0][verb[:-1]]
    except (ValueError, KeyError, IndexError, TypeError):
        raise presence.unreadable(words, out, _HINT)


def create(origin, name, tag, extents=None):
    """Take a snapshot of a volume.

    :param origin: ``group/volume``.
    :param name: name of the snapshot in the same group.
    :param tag: what tells whose it is.
    :param extents: size of an old-style snapshot; None for one in the thin
        pool of its origin, which stays inactive.
    :raises baas.node.errors.NodeError: it could not be taken, or LVM has
        not answered; then it may still come to be.
    """
    how = ['--setactivationskip', 'y']
    if extents is not None:
        how = ['--extents', str(extents)]
    command.run_uninterrupted(
        ['lvcreate', '--snapshot', '--name', name, '--addtag', tag]
        + how + _QUIETLY + [origin], _HINT, _LIMIT)


def activate(name):
    """Make the device of a thin snapshot appear.

    It has the id of the file system of its origin: the links of udev must
    stay where they are.

    :raises baas.node.errors.NodeError: it does not.
    """
    if os.path.isdir(os.path.dirname(os.path.dirname(_RULES))):
        os.makedirs(os.path.dirname(_RULES), exist_ok=True)
        atomic_file.write(_RULES, _RULE, 0o644)
        command.attempt(['udevadm', 'control', '--reload'], _LIMIT)
    command.run_uninterrupted(['lvchange', '--activate', 'y',
                               '--ignoreactivationskip'] + _QUIETLY + [name],
                              _HINT, _LIMIT)


def leave():
    """Take back what was set up for the devices of snapshots."""
    if os.path.exists(_RULES):
        os.unlink(_RULES)


def remove(name, tag):
    """Remove a volume, if it has a tag.

    :param name: ``group/volume``.
    :raises baas.node.errors.NodeError: it is in use.
    """
    command.run_uninterrupted(['lvremove', '--select', 'lv_tags={"%s"}' % tag]
                              + _QUIETLY + [name], _HINT, _LIMIT)


def snapshot_use(name):
    """Tell how full an old-style snapshot is.

    :param name: of its device.
    :returns: percent (float), or None when it is spoilt or gone.
    :raises baas.node.errors.Unknown: device-mapper does not tell.
    """
    words = _status(name, 'snapshot')
    return _percent(words[0]) if words and '/' in words[0] else None


def pool_use(name):
    """Tell how full a thin pool is.

    :param name: of its device.
    :returns: (percent of data, of metadata), or None when nothing can be
        written to it any more.
    :raises baas.node.errors.Unknown: device-mapper does not tell.
    """
    words = _status(name, 'thin-pool')
    if len(words) < 5 or words[4] != 'rw' or 'needs_check' in words:
        return None
    return _percent(words[2]), _percent(words[1])


def _status(name, target):
    # Not to flush: that would wait for what is to be written.
    ask = ['dmsetup', 'status', '--noflush', name]
    status, out, errors = command.attempt(ask, _LIMIT)
    if status and _GONE not in errors:
        raise presence.unanswered(ask, status, errors or out, _HINT)
    words = out.split()
    return words[3:] if not status and words[2:3] == [target] else []


def _percent(part):
    used, total = part.split('/')
    return 100.0 * int(used) / int(total)
