# SPDX-License-Identifier: Apache-2.0
"""Disks of every kind are made anew by ReaR: in place of what is left of
them, and on a machine whose disks are larger and have other names."""
import json
import os
import traceback

from baas.node import paths
from baas.node.rear import rebuild
from baas.tests.machine import layouts
from baas.tests.machine import volumes
from baas.tests.unit.node import base

ROOT = '/mnt/local'
# ReaR up to the moment at which the files would be brought; for the rest
# there would have to be a system on the disks.
REAR = '''#!/bin/bash
set -e
/usr/sbin/rear "${@/#recover/layoutonly}"
/bin/bash %s/rear.sh
'''


class LayoutTest(volumes.NodeTest):

    def setUp(self):
        super().setUp()
        # The machine is thrown away, and ReaR knows no other place.
        paths.TOP = '/'
        os.makedirs(ROOT, exist_ok=True)
        paths.make(paths.work(base.JOB))
        os.chmod(self.write('bin/rear', REAR % paths.work(base.JOB)), 0o755)
        self.addCleanup(layouts.clear, layouts.SMALL + layouts.LARGE)

    def remake(self, known, there):
        """Make the disks anew as a restore does, in a process of its own,
        which takes its mounts with it; gives its result."""
        asked = self.asked('recover', root=ROOT, layout={'disks': known})
        said = self.path('said')
        child = os.fork()
        if not child:
            status = 1
            try:
                os.environ['PATH'] = (self.path('bin') + ':'
                                      + os.environ['PATH'])
                result = rebuild.around(
                    asked, lambda _: {'seen': layouts.seen(ROOT, there)})
                with open(said, 'w') as handle:
                    json.dump(result, handle)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        self.assertEqual(0, os.waitpid(child, 0)[1])
        with open(said) as handle:
            return json.load(handle)

    def demand(self, script, number=1):
        """Make disks, and make them anew in both ways."""
        small, large = layouts.SMALL[:number], layouts.LARGE[:number]
        with layouts.made(script):
            before = json.loads(json.dumps(layouts.seen(layouts.TOP, small)))
            known = layouts.save()
        theirs = self.leave(layouts.SMALL[number:])
        for there in (small, large):
            away = set(layouts.LARGE if there == small else
                       layouts.SMALL + layouts.LARGE[number:])
            with self.subTest(there=there), layouts.without(sorted(away)):
                result = self.remake(known, there)
                self.assertEqual(before, result['seen'])
                self.assertEqual(
                    list(zip(small, there)),
                    [(one['from'], one['to']) for one in result['disks']])
                layouts.clear(there)
        for disk, content in theirs.items():
            with open(disk, 'rb') as handle:
                self.assertEqual(content, handle.read(len(content)), disk)

    def leave(self, disks):
        """Have something on disks that are not of the node."""
        theirs = {}
        for disk in disks:
            with open(disk, 'r+b') as handle:
                theirs[disk] = os.urandom(1 << 20)
                handle.write(theirs[disk])
        return theirs

    def test_plain_partitions(self):
        self.demand(layouts.PARTITIONS)

    def test_volumes_and_a_thin_pool(self):
        self.demand(layouts.VOLUMES)

    def test_partitions_of_a_machine_with_uefi(self):
        self.demand(layouts.UEFI)

    def test_a_group_over_two_disks(self):
        self.demand(layouts.TWO_DISKS, 2)

    def test_arrays_of_a_machine_with_uefi(self):
        self.demand(layouts.RAID, 2)
