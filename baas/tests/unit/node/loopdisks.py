# SPDX-License-Identifier: Apache-2.0
"""What tests on real disks need, and what of it is missing here."""
import os
import shutil
import subprocess
import time

from baas.node.payloads import restic_cli
from baas.tests.unit.node import awkward

RESTIC = os.environ.get('BAAS_TEST_RESTIC') or (
    shutil.which('restic', path='/var/cache/baas/bin:'
                 + os.environ.get('PATH', '')))


def why_not():
    """Say what these tests lack here, or give None."""
    if os.geteuid() != 0:
        return 'loop devices and mounts need root'
    with open('/proc/filesystems') as handle:
        if 'btrfs' not in handle.read().split():
            return 'this kernel has no btrfs'
    for tool in ('mkfs.btrfs', 'setfacl', 'losetup'):
        if not shutil.which(tool, path=os.environ.get('PATH', '')
                            + ':/usr/sbin:/sbin'):
            return 'there is no %s' % tool
    if not RESTIC:
        return 'there is no restic; BAAS_TEST_RESTIC may name one'
    said = subprocess.run([RESTIC, 'version'], stdout=subprocess.PIPE,
                          universal_newlines=True).stdout
    numbers = said.split()[1].split('.')[:2]
    if tuple(int(one) for one in numbers) < restic_cli.OLDEST:
        return 'restic is older than ' + restic_cli.MINIMUM
    return None


def filled(folder, fill, size=1 << 30):
    """Make an ext4 with files that have been there for a while.

    It takes seconds, because what has just been written is not trusted to
    stay: make one for a class, and have :func:`mount` copy it for each test.

    :param folder: where the image is made (str).
    :param fill: called with the mount point.
    :returns: path of the image (str).
    """
    image, place = os.path.join(folder, 'filled.img'), os.path.join(
        folder, 'filled')
    with open(image, 'wb') as handle:
        handle.truncate(size)
    os.mkdir(place)
    awkward.run('mkfs.ext4', '-q', '-F', image)
    awkward.run('mount', '-o', 'loop', image, place)
    try:
        fill(place)
        for top, _, names in os.walk(place):
            for name in names:
                os.utime(os.path.join(top, name), (1, 1))
    finally:
        awkward.run('umount', place)
    time.sleep(2.1)
    return image


def mount(test, name, kind='btrfs', size=1 << 30, place=None, like=None):
    """Make a disk with a file system and mount it for as long as a test.

    :param test: a :class:`baas.tests.unit.node.base.NodeTest`.
    :param kind: ``btrfs`` or ``ext4``.
    :param place: where to mount it; by default below the test's folder.
    :param like: the image of a file system to take a copy of, in place of an
        empty one.
    :returns: the mount point (str).
    """
    image, place = test.path(name + '.img'), place or test.path(name)
    os.makedirs(place, exist_ok=True)
    if like:
        awkward.run('cp', '--sparse=always', like, image)
    else:
        with open(image, 'wb') as handle:
            handle.truncate(size)
    if like:
        options = 'loop'
    elif kind == 'btrfs':
        awkward.run('mkfs.btrfs', '-q', '-K', '-m', 'single', image)
        options = 'loop,nobarrier'
    else:
        awkward.run('mkfs.' + kind, '-q', '-F', image)
        options = 'loop'
    awkward.run('mount', '-o', options, image, place)
    test.addCleanup(awkward.run, 'umount', place)
    return place
