# SPDX-License-Identifier: Apache-2.0
"""Swaps the operator's /var/lib/rear, what ReaR has noted of the image that it
made last, with ours while our image is made: what the operator has ReaR check
must be about the operator's image."""
import contextlib
import os
import shutil

from baas.node import paths
from baas.node.rear import recover_run
from baas.node.system import atomic_file

_NAMES = ('layout', 'recovery')


@contextlib.contextmanager
def ours():
    """Have ReaR go on from what it noted of our image; what it notes inside
    is kept for the next time, and what was there before is put back."""
    put_back()
    _copy(recover_run.state(), _theirs())
    try:
        _replace(paths.state('rescue', 'rear'))
        yield
        _copy(recover_run.state(), paths.state('rescue', 'rear'))
    finally:
        put_back()


def put_back():
    """Put back what is the operator's, if a process that was killed has left
    it aside; again is harmless."""
    if os.path.isdir(_theirs()):
        _replace(_theirs())
        shutil.rmtree(_theirs())


def _theirs():
    return paths.state('rescue', 'theirs')


def _copy(source, target):
    """Make a folder that is as it should be, or not there at all."""
    new = target + '.new'
    for path in (new, target):
        shutil.rmtree(path, ignore_errors=True)
    paths.make(new)
    for name in _NAMES:
        if os.path.isdir(os.path.join(source, name)):
            shutil.copytree(os.path.join(source, name),
                            os.path.join(new, name), symlinks=True)
    os.sync()
    os.rename(new, target)
    atomic_file.sync_folder(os.path.dirname(target))


def _replace(source):
    """Have ReaR find what a folder holds; nothing of what it does not."""
    for name in _NAMES:
        shutil.rmtree(recover_run.state(name), ignore_errors=True)
        if os.path.isdir(os.path.join(source, name)):
            shutil.copytree(os.path.join(source, name),
                            recover_run.state(name),
                            symlinks=True)
