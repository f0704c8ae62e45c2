# SPDX-License-Identifier: Apache-2.0
"""Configurations, and folders that behave badly."""
import contextlib
import os
import subprocess
import unittest

from oslo_config import cfg

from baas.conf import default
from baas.conf import payload
from baas.conf import storage
from baas.conf import verification
from baas.node.payloads import restic_cli as program
from baas.storage.drivers import file
from baas.storage.drivers import nfs
from baas.storage.drivers import sftp

RESTICS = ('/var/cache/baas/bin/restic', '/usr/bin/restic')


def configuration(state, **sections):
    """Make a configuration.

    :param state: folder for state_path.
    :param sections: mapping of section to mapping of option to value.
    """
    conf = cfg.ConfigOpts()
    conf.register_opts(default.OPTS)
    storage.register(conf)
    payload.register(conf)
    conf.register_opts(verification.OPTS, verification.GROUP)
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override('state_path', str(state))
    for section, options in sections.items():
        for name, value in options.items():
            conf.set_override(name, value, section)
    return conf


def file_storage(state, path, cloud=None):
    """Make a storage that is a folder."""
    return file.FileStorage(configuration(
        state, storage_file={'path': str(path)}), cloud)


def nfs_storage(state, path, cloud=None, **options):
    """Make a storage that is a share of the loopback."""
    return nfs.NfsStorage(configuration(state, storage_nfs={
        'host': '127.0.0.1', 'export': str(path), **options}), cloud)


def sftp_storage(state, root, server, cloud=None, **options):
    """Make a storage that is a folder on an SSH server."""
    return sftp.SftpStorage(configuration(
        state, storage_sftp={**server.options(root), **options}), cloud)


@contextlib.contextmanager
def small(path, size='1m'):
    """Mount a file system of a few bytes on a folder.

    :raises SkipTest: this user cannot mount.
    """
    if os.geteuid():
        raise unittest.SkipTest('only root can mount a small file system')
    subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs',
                    path], check=True)
    try:
        yield
    finally:
        subprocess.run(['umount', '-l', path], check=True)


@contextlib.contextmanager
def read_only(path):
    """Let nobody write to a folder, not even root."""
    if os.geteuid():
        os.chmod(path, 0o500)
        try:
            yield
        finally:
            os.chmod(path, 0o700)
        return
    subprocess.run(['mount', '--bind', path, path], check=True)
    try:
        subprocess.run(['mount', '-o', 'remount,bind,ro', path], check=True)
        yield
    finally:
        subprocess.run(['umount', '-l', path], check=True)


def restic():
    """Give the path of a restic that is new enough.

    :raises SkipTest: there is none.
    """
    for path in RESTICS:
        if os.access(path, os.X_OK):
            said = subprocess.run([path, 'version'], capture_output=True,
                                  text=True).stdout.split()[1]
            if tuple(map(int, said.split('.')[:2])) >= program.OLDEST:
                return path
    raise unittest.SkipTest('there is no restic that is new enough')
