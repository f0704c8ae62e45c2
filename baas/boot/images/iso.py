# SPDX-License-Identifier: Apache-2.0
"""ISO images that boot a rescue system, with BIOS and with UEFI."""
import hashlib
import os
import pathlib
import shutil

from baas.boot import base
from baas.boot.images import tools

_MAKERS = ('grub-mkrescue', 'grub2-mkrescue')
_LOADERS = pathlib.Path('/usr/lib/grub')
# Without any of these, the program makes an image that does not boot in that
# mode, and says nothing.
_MODES = {'BIOS': ('i386-pc', 'grub-pc-bin'),
          'UEFI': ('x86_64-efi', 'grub-efi-amd64-bin')}
_MENU = """\
echo 'Loading the rescue system; this takes a while.'
linux /boot/kernel {params}
initrd /boot/initrd
boot
"""


def problems():
    """Look whether one can be made here, changing nothing.

    :returns: list of :class:`baas.boot.base.Problem`.
    """
    found = tools.missing(_maker(), 'xorriso', 'mformat')
    for mode, (folder, package) in _MODES.items():
        if not (_LOADERS / folder).is_dir():
            found.append(base.Problem(
                f'The boot loader for {mode} is not installed on the '
                f'conductor.', f'Install package {package}.'))
    return found


def make(kernel, initrd, params, target, scratch, label='BAAS-RESCUE',
         more=None):
    """Write an ISO image that boots a kernel without any question.

    :param kernel: path of the kernel.
    :param initrd: path of its initrd.
    :param params: what the kernel command line has.
    :param target: path of the file to write.
    :param scratch: folder for what goes into it, on the file system of both.
    :param label: what the medium is called.
    :param more: a further folder, which is moved into it; None for none.
    :raises BootError: it cannot be made.
    """
    tree = scratch / 'tree'
    (tree / 'boot' / 'grub').mkdir(parents=True)
    for name, path in (('kernel', kernel), ('initrd', initrd)):
        _place(path, tree / 'boot' / name)
    (tree / 'boot' / 'grub' / 'grub.cfg').write_text(_MENU.format(
        params=' '.join(_quoted(word) for word in params.split())))
    if more is not None:
        os.rename(more, tree / more.name)
    # Level 3: a file may have more than 4 GiB.
    tools.run([_maker(), '-iso-level', '3', '-o', str(target), str(tree),
               '--', '-volid', label])
    shutil.rmtree(tree)


def _maker():
    return next((name for name in _MAKERS if shutil.which(name)), _MAKERS[0])


def _place(path, target):
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _quoted(word):
    return "'" + word.replace("'", "'\\''") + "'"


def rebuild(iso, initrd, extended, target, scratch):
    """Write an ISO image that has another initrd, and boots as before.

    :param iso: path of the ISO of the rescue image.
    :param initrd: the initrd that it has, to be found in it by content.
    :param extended: the initrd that it gets.
    :param target: path of the file to write.
    :param scratch: folder for what is looked at.
    :raises BootError: the ISO does not have the initrd, or is none.
    """
    wanted = _digest(initrd)
    inside = [name for name in _named(iso, os.path.getsize(initrd))
              if _extracted(iso, name, scratch) == wanted]
    if not inside:
        raise base.BootError(
            reason=f'{iso} does not have the initrd {initrd} in it',
            remedy='Use an ISO and an initrd that were made together')
    target.unlink(missing_ok=True)
    words = ['xorriso', '-indev', str(iso), '-outdev', str(target),
             '-boot_image', 'any', 'replay']
    for name in inside:
        words += ['-update', str(extended), name]
    tools.run(words)


def _named(iso, size):
    """List the files in an ISO that have a size."""
    listed = tools.run(
        ['xorriso', '-indev', str(iso), '-find', '/', '-type', 'f', '-exec',
         'lsdl']).decode(errors='surrogateescape')
    found = []
    for line in listed.splitlines():
        words = line.split(None, 8)
        if len(words) == 9 and words[4] == str(size):
            found.append(words[8].strip("'"))
    return found


def _extracted(iso, name, scratch):
    """Give the digest of a file in an ISO."""
    place = scratch / 'inside'
    place.unlink(missing_ok=True)
    tools.run(['xorriso', '-osirrox', 'on', '-indev', str(iso), '-extract',
               name, str(place)])
    digest = _digest(place)
    place.unlink()
    return digest


def _digest(path):
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').digest()
