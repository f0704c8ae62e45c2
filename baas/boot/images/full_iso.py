# SPDX-License-Identifier: Apache-2.0
"""One ISO image of a whole backup: the rescue system and all content in one
file, from which a machine comes back without service, network and storage.

No key is in it: whoever restores from it gives that of the node."""
import json
import pathlib
import shutil
import tempfile

from baas.boot.images import initrd_overlay
from baas.boot.images import iso
from baas.boot.images import rescue_image
from baas import errors
from baas.node.system import atomic_file
from baas.runner import node_program
from baas.storage import manifest
from baas.storage.payloads import restic
from baas.storage.payloads import tar

LABEL = 'BAAS-BACKUP'
_KINDS = {'restic': restic, 'tar': tar}
_PROGRAMS = {'restic': 'restic', 'tar': 'age'}
_BESIDE = 64 << 20  # bytes: boot loaders, programs, and what the format needs
_LAUNCH = '''#!/usr/bin/env python3
import os
import sys

here = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(here, 'node'))
from baas.node.restore import from_iso
sys.exit(from_iso.main(sys.argv[1:], here))
'''
_FIND = f'''#!/bin/sh
# Finds the medium that this system was booted from.
place=/run/medium
mkdir -p $place
for module in cdrom sr_mod isofs loop; do modprobe -q $module; done
[ -e $place/baas/restore ] ||
    mount -o ro "$(blkid -L {LABEL} || echo /dev/sr0)" $place || {{
    echo 'error: The medium that has the backup is not there.' >&2
    echo '  hint: Insert it, wait a moment, and begin again.' >&2
    exit 1
}}
exec python3 $place/baas/restore "$@"
'''
_GREETING = '''
This is the rescue system of %(node)s, with its backup of %(created)s.
To write it onto the disks of this machine, type:  ./restore

'''


class WholeError(errors.BaasError):
    """There is no ISO image of the backup."""
    code = 409
    faultcode = 'baas.iso.failed'
    title = 'No ISO image'
    message = 'No ISO image of backup {backup}: {reason}.'
    hint = '{remedy}.'


def key(keys, backup):
    """Give what opens the ISO image of a backup (str).

    :param keys: :class:`baas.keys.MasterKey`.
    :param backup: row of the backup.
    """
    return (keys.node_password if backup.payload == 'restic'
            else keys.node_identity)(backup.node)


def make(conf, storage, keys, backup, target, *, limit=None,
         report=lambda line: None):
    """Write the ISO image of a backup, beside which nothing is left.

    :param storage: :class:`baas.storage.base.Storage`.
    :param keys: :class:`baas.keys.MasterKey`.
    :param backup: row of the backup.
    :param target: path of the file, which must not be there yet.
    :param limit: how large it may become, in bytes; None for any size.
    :param report: called with what is being done.
    :returns: its size in bytes.
    :raises WholeError: there is no rescue image in the backup, it becomes too
        large, or there is no room for it.
    :raises BaasError: storage, key or programs do not serve.
    """
    target = pathlib.Path(target).absolute()
    _demand_place(backup, target)
    for problem in iso.problems():
        raise _wrong(backup, problem.cause.rstrip('.'),
                     problem.hint.rstrip('.'))
    _KINDS[backup.payload].require(conf)
    about = manifest.read(storage, keys, backup.node, backup.id)
    if not about.get('rescue'):
        raise _wrong(backup, 'it has no rescue image',
                     'Take one on a node with ReaR, see [rescue] image')
    _demand_room(about, backup, target, limit)
    try:
        with tempfile.TemporaryDirectory(
                prefix=f'.{target.name}.', dir=target.parent) as scratch:
            made = _make(conf, storage, keys, about, pathlib.Path(scratch),
                         report)
            size = made.stat().st_size
            _demand_limit(backup, size, limit)
            # A rename would replace what has come there meanwhile.
            atomic_file.publish(made, target)
    except OSError as error:
        raise _wrong(backup, f'{target} cannot be written: {error.strerror}',
                     'Write it where there is room and a right to write')
    return size


def _demand_place(backup, target):
    """Refuse a file that is there already or has no folder."""
    if not target.parent.is_dir():
        raise _wrong(backup, f'there is no folder {target.parent}',
                     'Make it, or write the file somewhere else')
    if target.exists():
        raise _wrong(backup, f'{target} is there already',
                     'Give the name of a file that is not')


def _demand_room(about, backup, target, limit):
    """Refuse what is too large as far as that is known beforehand."""
    payload = about['payload']
    size = _BESIDE + sum(told['size'] for told in about['rescue'].values())
    if 'archive' in payload:
        size += payload['archive']['size'] + payload['list']['size']
        _demand_limit(backup, size, limit)
    else:
        # What it has in common with others is stored once: no more is known
        # than that compressing makes it no larger.
        size += payload['size_bytes']
    free = shutil.disk_usage(target.parent).free
    if free < 2 * size:
        raise _wrong(
            backup, f'it takes up to {_mib(2 * size)} while it is made, and '
                    f'{target.parent} has {_mib(free)}',
            'Write it where there is more room')


def _demand_limit(backup, size, limit):
    if limit is not None and size > limit:
        raise _wrong(
            backup, f'it would have {_mib(size)}, and {_mib(limit)} are '
                    f'allowed',
            'Use a larger medium and limit, or restore through the service')


def _make(conf, storage, keys, about, scratch, report):
    """Give the path of the image in the folder."""
    tree = scratch / 'baas'
    for folder in ('programs', 'store'):
        (tree / folder).mkdir(parents=True)
    kind = manifest.kind(about)
    report('fetching the content')
    options = _KINDS[kind].export(conf, storage, keys, about,
                                  tree / 'store', scratch / 'run')
    for name in ('archive', 'list', 'snapshot', 'files_snapshot',
                 'files_sha256'):
        if name in about['payload']:
            options.setdefault(name, about['payload'][name])
    (tree / 'order.json').write_text(json.dumps({
        'backup': about['backup'], 'node': about['node'],
        'created': about['created'],
        'options': {'payload': kind, 'backup': about['backup'],
                    'layout': about['layout'], **options}}))
    (tree / 'manifest.json').write_bytes(manifest.canonical(about))
    program = _PROGRAMS[kind]
    shutil.copyfile(shutil.which(conf.payload[program]),
                    tree / 'programs' / program)
    node_program.build(str(tree / 'node'))
    (tree / 'restore').write_text(_LAUNCH)
    report('fetching the rescue system')
    kernel, initrd = (rescue_image.fetch(storage, name, about['rescue'][name],
                                         scratch)
                      for name in ('kernel', 'initrd'))
    extended = scratch / 'extended'
    initrd_overlay.extend(initrd, _greeting(scratch / 'greeting', about),
                          extended)
    initrd.unlink()
    report('writing the image')
    made = scratch / 'iso'
    iso.make(kernel, extended, conf.boot.kernel_params, made, scratch,
             label=LABEL, more=tree)
    return made


def _greeting(folder, about):
    """Make what the rescue system has in addition; give the folder."""
    tree = folder / 'tree'
    for name, mode, text in ((initrd_overlay.SILENT, 0o644, ''),
                             ('etc/motd', 0o644, _GREETING % about),
                             ('root/restore', 0o700, _FIND)):
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
    (tree / 'etc').chmod(0o755)
    (tree / 'root').chmod(0o700)
    return folder


def _mib(size):
    return f'{-(-size >> 20)} MiB'


def _wrong(backup, reason, remedy):
    return WholeError(backup=backup.id, reason=reason, remedy=remedy)
