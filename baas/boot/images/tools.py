# SPDX-License-Identifier: Apache-2.0
"""Programs of the conductor that put rescue images together."""
import shutil
import subprocess

from baas.boot import base

_PACKAGES = {'grub-mkrescue': 'grub-common', 'grub2-mkrescue':
             'grub2-tools-extra', 'mformat': 'mtools'}


def missing(*names):
    """List what is not installed (list of :class:`baas.boot.base.Problem`).
    """
    return [base.Problem(f'{name} is not installed on the conductor.',
                         f'Install package {_PACKAGES.get(name, name)}.')
            for name in names if not shutil.which(name)]


def run(words, **options):
    """Run a program; give what it prints (bytes).

    :raises BootError: it is not there, or has failed.
    """
    try:
        done = subprocess.run(words, capture_output=True, **options)
    except FileNotFoundError:
        [found] = missing(words[0])
        raise base.BootError(reason=found.cause.rstrip('.'),
                             remedy=found.hint.rstrip('.'))
    if done.returncode:
        said = done.stderr.decode(errors='replace').strip()[-300:]
        raise base.BootError(
            reason=f'{words[0]} ended with {done.returncode}: {said}',
            remedy='Look whether the rescue image is whole and the disk of '
                   'the conductor has room')
    return done.stdout
