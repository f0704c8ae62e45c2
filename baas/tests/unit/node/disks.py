# SPDX-License-Identifier: Apache-2.0
"""What tests on real disks need, and what of it is missing here."""
import os
import shutil
import subprocess

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
    if [int(one) for one in numbers] < [0, 16]:
        return 'restic is older than 0.16'
    return None
