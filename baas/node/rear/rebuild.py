# SPDX-License-Identifier: Apache-2.0
"""Make the disks of a node anew in its rescue system, with ReaR: partitions,
volumes and file systems before they are filled, the boot loader after."""
import os
import shutil

from baas.node.disks import devices
from baas.node.disks import matching
from baas.node import errors
from baas.node.rear import layout
from baas.node.rear import recover_run
from baas.node.system import atomic_file
from baas.node.system import command
from baas.node.system import presence
from baas.node.system import syscalls

_LAYOUT = 'layout/disklayout.conf'
_FIRST, _LAST = 10, 90  # percent between which the disks are filled


def around(request, fill):  # pragma: no cover - tools/test machine runs it
    """Make disks, have them filled, and make them boot.

    Options: root; layout (of the manifest; what its disks are known by).

    :param fill: called with a request when all is mounted below root; its
        result is given back.
    :returns: what fill gave, with {'disks': as of :func:`matching.choose`,
        'left_alone': names}.
    :raises errors.NodeError: nothing was written, if the disks do not suit;
        or what of it failed.
    """
    recover_run.require()
    root = request.option('root')
    # Whatever ends this process unmounts the disks.
    syscalls.own_mounts()
    text = original()
    layout = request.options.get('layout') or {}
    chosen, alone, fit = plan(text, layout.get('disks'))
    for one in chosen:
        request.log('%(from)s becomes %(to)s, %(why)s.' % one)
    for name in alone:
        request.log('%s is left alone.' % name)
    request.report(percent=1, task='making partitions and file systems')
    result = {'disks': chosen, 'left_alone': alone}
    names = {one['from']: one['to'] for one in chosen}
    write_layout(text, names)
    _let_go(names.values())

    def filled():
        result.update(fill(_ScaledProgress(request)))
        request.report(percent=_LAST, task='making the boot loader')

    recover_run.recover(request, root, names, filled, initrd=not fit)
    os.sync()
    return result


def plan(text, known):
    """Choose the disks of this machine for a layout; nothing is changed.

    :param text: of ``disklayout.conf``.
    :param known: ``disks`` of the layout in the manifest, or None.
    :returns: (list as of :func:`matching.choose`, names left alone, True when
        the initrd of the backup boots from them).
    :raises errors.NodeError: they do not suit.
    """
    wanted = layout.known_as(layout.read(text), known)
    present = devices.present()
    chosen = matching.choose(wanted, present, known)
    return (chosen, matching.left_alone(chosen, present),
            matching.boot_as_before(chosen, wanted, present))


class _ScaledProgress:
    """The request, in whose progress the filling is only a part."""

    def __init__(self, request):
        self._request = request

    def __getattr__(self, name):
        return getattr(self._request, name)

    def report(self, **progress):
        """See :class:`baas.node.request.Request`."""
        if 'percent' in progress:
            progress['percent'] = (_FIRST + progress['percent']
                                   * (_LAST - _FIRST) // 100)
        self._request.report(**progress)


def original():
    """Give the layout of the backup: ReaR's own file is written over.

    :raises errors.NodeError: there is none.
    """
    kept = recover_run.state(_LAYOUT + '.baas')
    if not os.path.exists(kept):
        path = recover_run.state(_LAYOUT)
        if not os.path.exists(path):
            raise errors.NodeError(
                'The rescue system has no layout of the disks of a node.',
                'Boot one that ReaR has made on this node.')
        shutil.copyfile(path, kept)
    with open(kept) as handle:
        return handle.read()


def write_layout(text, names):
    """Have ReaR find the disks of this machine in the layout, and options
    of file systems under the names that they have here.

    :param text: of :func:`original`.
    :param names: {disk of the layout: disk of this machine}.
    """
    atomic_file.write(recover_run.state(_LAYOUT),
                      layout.renamed(text, names))
    kept = recover_run.state('layout/xfs.baas')
    used = recover_run.state('layout/xfs')
    if not os.path.isdir(kept) and os.path.isdir(used):
        shutil.copytree(used, kept)
    if os.path.isdir(kept):
        shutil.rmtree(used, ignore_errors=True)
        os.mkdir(used)
        for name in os.listdir(kept):
            stem, dot, ending = name.rpartition('.')
            new = layout.renamed('/dev/' + stem, names)[len('/dev/'):]
            shutil.copyfile(os.path.join(kept, name),
                            os.path.join(used, new + dot + ending))


def _let_go(names):
    """Have nothing of the kernel hold on to what the disks had on them."""
    hint = 'Look at the disks with lsblk and pvs in the rescue system.'
    out = presence.ask(['lsblk', '-nrpo', 'NAME,TYPE'] + list(names), hint)
    upon = [line.split() for line in out.splitlines()]
    out = presence.ask(
        ['pvs', '--noheadings', '--separator', ' ', '-o', 'pv_name,vg_name'],
        hint) if command.find('pvs') else ''
    for row in [line.split() for line in out.splitlines()]:
        if len(row) == 2 and row[0] in [one[0] for one in upon]:
            command.run(['vgchange', '-an', '--', row[1]],
                        'Deactivate it by hand in the rescue system.')
    for row in upon:
        if row[-1].startswith('raid'):
            command.run(['mdadm', '--stop', row[0]],
                        'Stop it by hand in the rescue system.')
