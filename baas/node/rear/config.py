# SPDX-License-Identifier: Apache-2.0
"""How ReaR is told to make the rescue image of this node, by a folder of its
own: what the operator has for ReaR in /etc/rear stays as it is."""
import hashlib
import importlib
import json
import os
import platform
import sys
import sysconfig

from baas.node.disks import filesystems
from baas.node.disks import lvm
from baas.node import paths
from baas.node.system import atomic_file
from baas.node.system import command
from baas.node.system import presence

# What of Python is of no use there.
_USELESS = ('test', 'idlelib', 'lib2to3', 'ensurepip', 'pydoc_data',
            'tkinter', 'turtledemo', 'config-*', 'dist-packages',
            'site-packages')
# What of it has libraries of its own.
_MODULES = ('bz2', 'ctypes', 'hashlib', 'lzma', 'ssl', 'uuid', 'zlib')
# What the node program and Ansible call in a rescue system.
_PROGRAMS = ('python3', 'sha256sum', 'timeout', 'zstd', 'ssh', 'sftp', 'stat',
             'find', 'udevadm', 'wipefs', 'lsblk', 'blkid',
             'sgdisk', 'efibootmgr', 'mdadm', 'dmsetup', 'mount.nfs',
             'mount.nfs4', 'restorecon')
_TEXT = '''# Written by the backup service; for its rescue image only.
OUTPUT=RAMDISK
OUTPUT_URL=file://%(output)s
OUTPUT_OPTIONS=
BACKUP=EXTERNAL
EXTERNAL_BACKUP=false
EXTERNAL_RESTORE=false
EXTERNAL_CHECK=true
REAR_INITRD_COMPRESSION=fast
USE_DHCLIENT=yes
USER_INPUT_TIMEOUT=5
USER_INPUT_INTERRUPT_TIMEOUT=1
# Keys come with each restore, in a further archive behind the initrd.
SSH_FILES=( /etc/ssh/modu[l]i /etc/ssh/sshd_co[n]fig )
SSH_ROOT_PASSWORD=
SSH_UNPROTECTED_PRIVATE_KEYS=no
KERNEL_CMDLINE="%(params)s"
EXCLUDE_VG=( %(groups)s )
PROGS+=( %(programs)s )
COPY_AS_IS+=( %(python)s )
# ReaR looks for libraries of programs only.
LIBS+=( %(libraries)s )
COPY_AS_IS_EXCLUDE+=( %(useless)s '%(state)s/*' )
# Each restore has it empty, which is no damage.
EXCLUDE_MD5SUM_VERIFICATION=/etc/mac-addresses
'''


def write(folder, options):
    """Write the folder for ``rear -c``; again writes the same.

    :param options: those of the verb: kernel_params.
    :returns: what is written (str).
    """
    paths.make(folder)
    locations = sorted({os.path.realpath(sysconfig.get_path(name))
                        for name in ('stdlib', 'platstdlib')})
    text = _TEXT % {
        'output': paths.state('rescue', 'new'), 'state': paths.STATE,
        'params': _safe(options.get('kernel_params') or ''),
        'groups': ' '.join(_other_groups()),
        'programs': ' '.join(_PROGRAMS),
        'python': ' '.join(locations),
        'libraries': ' '.join(_libraries(locations)),
        'useless': ' '.join("'%s/%s'" % (path, name)
                            for path in locations for name in _USELESS)}
    atomic_file.write(os.path.join(folder, 'local.conf'), text)
    return text


def fingerprint(settings, disks):
    """Tell images apart that ReaR's own look at disks would not.

    :param settings: what :func:`write` has written.
    :param disks: as of :func:`blockdevices.known`.
    """
    _, version, _ = command.attempt(['rear', '--version'])
    known = [settings, disks, version, platform.release(), sys.version]
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode(
        'ascii')).hexdigest()


def _libraries(folders):
    """List the libraries that modules of Python need, those of which this
    program and Ansible make use."""
    for name in _MODULES:
        importlib.import_module(name)
    with open('/proc/self/maps') as handle:
        locations = {line.split()[-1] for line in handle if '.so' in line}
    found = {path for path in locations if path.startswith('/')
             and not path.startswith(tuple(folders))}
    # They are asked for by other names, which are links.
    links = {os.path.join(folder, name)
             for folder in {os.path.dirname(path) for path in found}
             for name in os.listdir(folder) if '.so' in name}
    return sorted(found | {path for path in links
                           if os.path.realpath(path) in found})


def _other_groups():
    """Name volume groups without anything that is backed up: they are
    neither made anew nor wiped in a restore."""
    used = {found['group'] for found in (
        lvm.volume(mount['number']) for mount in filesystems.captured())
        if found}
    if not command.find('vgs'):
        return []
    out = presence.ask(['vgs', '--noheadings', '-o', 'vg_name'],
                       'Look at the volume groups with vgs.')
    return sorted(
        name for name in set(out.split()) - used if _safe(name) == name)


def _safe(text):
    """Leave out what a shell would understand."""
    return ''.join(letter for letter in text if letter.isalnum()
                   or letter in ' =,.:/_-+')
