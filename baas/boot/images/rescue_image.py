# SPDX-License-Identifier: Apache-2.0
"""The rescue image of a backup becomes that of one restore of it."""
import hashlib
import pathlib
import shutil

from baas.boot import base
from baas.boot.images import image_urls
from baas.boot.images import initrd_overlay
from baas.boot.images import iso

_PIECE = 1 << 20  # bytes


def problems(conf, files, rescue):
    """Look whether there is a rescue image, changing nothing.

    :param files: which files of it are needed.
    :param rescue: what the manifest of the backup says about its own, see
        :func:`prepare`; {} when it has none.
    :returns: list of :class:`baas.boot.base.Problem`.
    """
    needed = _needed(conf, files, rescue)
    # One of the operator is not made, and needs no boot loader.
    found = iso.problems() if 'iso' in files and 'iso' not in needed else []
    for name in needed:
        path = conf.boot[name]
        if name in rescue or path and pathlib.Path(path).is_file():
            continue
        found.append(base.Problem(
            f'There is no {name} of a rescue system: the backup has none, '
            f'and [boot] {name} is {path or "not set"}.',
            f'Set [boot] {name} to that of a rescue system, or take a backup '
            f'with a rescue image.'))
    return found


def prepare(conf, storage, files, rescue, keys, undo, report):
    """Make the images of one restore and publish them; again is no error.

    :param storage: :class:`baas.storage.base.Storage`.
    :param files: which files of the rescue image are needed.
    :param rescue: mapping of "kernel" and "initrd" to {object: name in the
        storage, sha256, size}; for what is missing the files of section
        [boot] are taken.
    :param keys: folder that :func:`baas.boot.images.initrd_overlay.make` has
        filled.
    :param undo: :class:`baas.boot.undo.BootUndo`.
    :param report: called with (percent, what is done).
    :returns: :class:`baas.boot.images.image_urls.Images`.
    """
    images = image_urls.place(conf, undo)
    scratch = keys / 'scratch'
    scratch.mkdir(mode=0o700, exist_ok=True)
    try:
        with image_urls.explained(images.folder):
            _fill(conf, storage, files, rescue, keys, images, scratch, report)
    finally:
        shutil.rmtree(scratch)
    image_urls.show(images, files)
    return images


def _fill(conf, storage, files, rescue, keys, images, scratch, report):
    paths = {}
    for name in _needed(conf, files, rescue):
        report(0, f'fetching the {name} of the rescue system')
        paths[name] = _local(conf, storage, name, rescue.get(name), scratch)
    report(50, 'putting the keys of this restore into the image')
    extended = images.path('initrd') if 'initrd' in files \
        else scratch / 'extended'
    initrd_overlay.extend(paths['initrd'], keys, extended)
    if 'kernel' in files:
        shutil.copyfile(paths['kernel'], images.path('kernel'))
    if 'iso' in paths:
        iso.rebuild(paths['iso'], paths['initrd'], extended,
                    images.path('iso'), scratch)
    elif 'iso' in files:
        iso.make(paths['kernel'], extended, images.params,
                 images.path('iso'), scratch)


def _needed(conf, files, rescue):
    """List what the images of a restore are made from. The keys go into the
    initrd; an ISO is made of it and the kernel, but for one of the operator,
    whose boot loader may be one that secure boot accepts."""
    if not files:
        return []
    needed = {*files, 'initrd'}
    if 'iso' in needed and (rescue or not conf.boot.iso):
        needed = needed - {'iso'} | {'kernel'}
    return sorted(needed)


def _local(conf, storage, name, stored, scratch):
    if not stored:
        path = pathlib.Path(conf.boot[name] or '')
        if not path.is_file():
            raise base.BootError(
                reason=f'There is no {name} of a rescue system',
                remedy=f'Set [boot] {name}')
        return path
    return fetch(storage, name, stored, scratch)


def fetch(storage, name, stored, folder):
    """Copy a file of the rescue image of a backup, and see that it is it.

    :param name: "kernel" or "initrd".
    :param stored: {object, sha256, size}, of the manifest.
    :param folder: where it goes (:class:`pathlib.Path`).
    :returns: its path there.
    :raises BootError: it is not what was stored.
    """
    path, digest = folder / name, hashlib.sha256()
    with storage.open(stored['object']) as source, open(path, 'wb') as target:
        while data := source.read(_PIECE):
            digest.update(data)
            target.write(data)
    if digest.hexdigest() != stored['sha256']:
        raise base.BootError(
            reason=f'{stored["object"]} on the storage is not the {name} '
                   f'that was stored with the backup',
            remedy='Do not boot it; find out who or what changed the storage, '
                   'and restore another backup')
    return path
