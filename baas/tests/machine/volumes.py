# SPDX-License-Identifier: Apache-2.0
"""Volume groups on the blank disks of the machine, one disk for each."""
import json
import os
import subprocess
import sys
import tempfile
import time

from baas.node import main
from baas.tests.unit.node import base

DISKS = ('/dev/disk/by-id/virtio-disk0', '/dev/disk/by-id/virtio-disk1')
NAMES = ('vg-node', 'vg_other')
"""Names of groups; a dash in one is a trap."""


class NodeTest(base.NodeTest):
    """A test that runs the program in a copy of its own process: to read
    and compile it for each call takes seconds on a machine like this."""

    def program(self):
        """See :class:`base.NodeTest`."""
        return [sys.executable, '-m', 'baas.node']

    def call(self, *words, **options):
        """See :class:`base.NodeTest`."""
        path = self.write('options', json.dumps(options))
        with tempfile.TemporaryFile('w+') as said:
            child = os.fork()
            if not child:
                os.dup2(said.fileno(), 1)
                try:
                    os._exit(main.main(list(words) + [
                        '--job', base.JOB, '--options', path]))
                finally:
                    os._exit(2)
            status = os.waitpid(child, 0)[1]
            said.seek(0)
            return status >> 8, json.loads(said.read())['baas']


def run(*words):
    """Run a command that must end well; give what it prints."""
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise AssertionError('%s: %s' % (' '.join(words), done.stderr))
    return done.stdout


def group(test, number=0, name=None):
    """Make a volume group for as long as a test; give its name."""
    name = name or NAMES[number]
    run('vgcreate', '--yes', '--quiet', name, DISKS[number])
    test.addCleanup(_remove, name)
    return name


def _remove(name):
    # A process that ends takes its mounts with it a little later.
    until = time.monotonic() + 20
    while True:
        try:
            run('vgremove', '--yes', '--force', name)
            return
        except AssertionError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.2)


def volume(name, *how):
    """Make a volume.

    :param name: ``group/volume``.
    :param how: its size, or else how it comes to be.
    """
    vg, lv = name.split('/')
    run('lvcreate', '--yes', '--name', lv, *how, vg)


def mount(test, name, place, kind):
    """Make a file system on a volume and mount it for as long as a test."""
    device = '/dev/' + name
    run('mkfs.' + kind, '-q', '-F' if kind.startswith('ext') else '-f',
        device)
    os.makedirs(place, exist_ok=True)
    run('mount', device, place)
    test.addCleanup(run, 'umount', place)


def all_of_them():
    """Give all volumes of the machine with their tags (sorted list)."""
    report = json.loads(run('lvs', '--reportformat', 'json', '-o',
                            'lv_full_name,lv_tags'))
    return sorted((row['lv_full_name'], row['lv_tags'])
                  for row in report['report'][0]['lv'])
