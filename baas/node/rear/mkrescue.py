# SPDX-License-Identifier: Apache-2.0
"""The rescue image of this node: made by ReaR when the one that is there does
not fit any more, and stored beside the payload by its content."""
import os
import shutil
import time

from baas.node.disks import devices
from baas.node import errors
from baas.node import paths
from baas.node.rear import config
from baas.node.rear import image_store
from baas.node.rear import layout
from baas.node.rear import recover_run
from baas.node.rear import state_swap
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import command

_MADE = 'made.json'
_LAYOUT = 'layout/disklayout.conf'
_HINT = 'Read %s on the node, and run that command by hand.'


def rescue(request):
    """Have a rescue image of this node, and have it stored.

    Options: image (``auto``: what fails is told as a warning; ``required``:
    it is an error; ``never``), kernel_params, minutes (for making one), and
    those of a store: store, folder.

    :returns: {'rescue': {'kernel', 'initrd': {'object', 'sha256', 'size'}},
        'disks': those that it makes anew, as :func:`disks.choose` wants
        them, 'made': bool, 'seconds'}; with 'warning' {'cause', 'hint'} and
        without 'rescue' where there is none.
    :raises errors.NodeError: it is required, and there is none.
    """
    began = clock.boottime()
    wish = request.options.get('image') or 'never'
    if wish == 'never':
        return {'made': False, 'seconds': 0}
    try:
        found = _ready(request)
        made = _disks()
        stored = image_store.store(request, found['files'])
    except errors.NodeError as error:
        if wish == 'required':
            raise
        return {'made': False, 'warning': {
            'cause': error.cause, 'hint': error.hint},
            'seconds': round(clock.boottime() - began, 3)}
    return {'rescue': stored, 'disks': made, 'made': found['made'],
            'seconds': round(clock.boottime() - began, 3)}


def folder(*names):
    """Give a path below the folder of the image."""
    return paths.state('rescue', *names)


def _ready(request):
    """Give the files of an image that fits, made now if need be.

    :returns: {'files': {name: path}, 'made': bool}.
    """
    if not command.find('rear'):
        raise errors.NodeError(
            'ReaR is not installed, so that the backup has no rescue image.',
            'Install rear on the node, or set [rescue] image to never.')
    paths.make(folder())
    settings = config.write(folder('conf'), request.options)
    wanted = config.fingerprint(settings, devices.known())
    kept = atomic_file.read_json(folder(_MADE))
    with state_swap.ours():
        if kept and kept['fingerprint'] == wanted and _fits(request):
            return {'files': _files(), 'made': False}
        _make(request)
    atomic_file.write_json(folder(_MADE), {'fingerprint': wanted,
                                           'made': time.time()})
    return {'files': _files(), 'made': True}


def _disks():
    with open(folder('image', 'disklayout.conf')) as handle:
        return layout.known_as(layout.read(handle.read()),
                               devices.known())


def _files():
    return {name: folder('image', name) for name in ('kernel', 'initrd')}


def _fits(request):
    """Ask ReaR whether the disks are still what the image would make."""
    request.report(task='looking whether the rescue image fits')
    if not all(os.path.isfile(path) for path in _files().values()):
        return False
    return command.attempt(['rear', '-c', folder('conf'), 'checklayout'],
                           900)[0] == 0


def _make(request):
    """Have ReaR make an image, and put it in the place of the old one."""
    atomic_file.remove(folder(_MADE))
    new = folder('new')
    shutil.rmtree(new, ignore_errors=True)
    os.mkdir(new, 0o700)
    minutes = float(request.options.get('minutes') or 60)
    words = ['rear', '-c', folder('conf'), '-v', 'mkrescue']
    request.report(task='making the rescue image', percent=1)
    status, out, stderr = command.attempt(
        ['nice', '-n', '10'] + words, minutes * 60)
    with open(folder('mkrescue.log'), 'w') as handle:
        handle.write(out + stderr)
    if status:
        raise errors.NodeError(
            'ReaR could not make a rescue image: %s.'
            % _reason(out + stderr, status), _HINT % folder('mkrescue.log'))
    _take(new)
    shutil.copyfile(recover_run.state(_LAYOUT),
                    os.path.join(new, 'disklayout.conf'))
    shutil.rmtree(folder('image'), ignore_errors=True)
    os.rename(new, folder('image'))
    atomic_file.sync_folder(folder())


def _take(new):
    """Find kernel and initrd in what ReaR has written, by its names."""
    found = {}
    for place, _, names in os.walk(new):
        for name in names:
            kind = ('initrd' if name.startswith('init') else 'kernel'
                    if name.startswith(('vmlinu', 'kernel')) else None)
            if kind:
                found[kind] = os.path.join(place, name)
    for kind in ('kernel', 'initrd'):
        if kind not in found:
            raise errors.NodeError(
                'ReaR has made a rescue image without %s.' % kind,
                _HINT % folder('mkrescue.log'))
        os.rename(found[kind], os.path.join(new, kind))


def _reason(text, status):
    if status == 124:
        return 'it took longer than it may'
    lines = [line for line in text.splitlines() if line.startswith('ERROR: ')]
    return (lines[0] if lines else command.last_line(text))[:300].rstrip('.')
