# SPDX-License-Identifier: Apache-2.0
"""What is left out of a backup, on real file systems."""
import os
import shutil
import unittest

from baas.node.coverage import gaps
from baas.node.coverage import held
from baas.node.coverage import mounts
from baas.node.coverage import secrets
from baas.node.disks import filesystems
from baas.node import paths
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node import standins


def has(kind):
    """Tell whether the kernel knows a kind of file system."""
    with open('/proc/filesystems') as handle:
        return kind in handle.read().split()


@base.needs_root
class MountsTest(base.NodeTest):
    """The root of the node is a disk of its own."""

    def setUp(self):
        super().setUp()
        if loopdisks.why_not():
            self.skipTest(loopdisks.why_not())
        loopdisks.mount(self, 'root', 'ext4', 64 << 20, place=paths.TOP)

    def at(self, *names):
        """Give a path of the node."""
        return os.path.join(paths.TOP, *names)

    def mount(self, *words):
        """Mount for as long as the test; the last word is the path below the
        root of the node."""
        place = self.at(words[-1])
        os.makedirs(place, exist_ok=True)
        awkward.run('mount', *words[:-1], place)
        self.addCleanup(awkward.run, 'umount', place)
        return place

    def found(self, *excludes, storage=None):
        """Look; give the gaps by what they are."""
        own = held.Held(filesystems.mounts(), excludes)
        found = mounts.look(own, storage)
        self.assertEqual({'filesystem'}, {one['kind'] for one in found}
                         or {'filesystem'})
        return {one['what']: one for one in found}

    def reasons(self, *excludes, **more):
        return {what: (one['reason'], one['harmless'])
                for what, one in self.found(*excludes, **more).items()}

    def test_a_disk_that_is_mounted_is_no_gap(self):
        loopdisks.mount(self, 'data', 'ext4', 64 << 20,
                        place=self.at('srv/data'))
        self.assertEqual({}, self.found())

    def test_one_that_is_excluded_is_a_gap_with_kind_and_size(self):
        place = loopdisks.mount(self, 'data', 'ext4', 64 << 20,
                                place=self.at('srv/data'))
        awkward.put(os.path.join(place, 'big').encode(), b'x' * (4 << 20))
        awkward.run('sync', '-f', place)
        gap = self.found('/srv')['/srv/data']
        self.assertEqual(('excluded', False, 'ext4'), (
            gap['reason'], gap['harmless'], gap['fstype']))
        room = os.statvfs(place)
        self.assertEqual((room.f_blocks - room.f_bfree) * room.f_frsize,
                         gap['used_bytes'])
        self.assertGreater(gap['used_bytes'], 4 << 20)

    def test_what_is_in_memory_is_a_gap(self):
        place = self.mount('-t', 'tmpfs', 'x', 'var/lib/cache')
        awkward.put(os.path.join(place, 'big').encode(), b'x' * (1 << 20))
        gap = self.found()['/var/lib/cache']
        self.assertEqual(('memory', False, 'tmpfs', 1 << 20), (
            gap['reason'], gap['harmless'], gap['fstype'],
            gap['used_bytes']))

    def test_what_each_start_makes_is_one_harmless_gap_a_folder(self):
        for name in ('run', 'run/user/0', 'dev', 'dev/shm', 'tmp'):
            self.mount('-t', 'tmpfs', 'x', name)
        self.mount('-t', 'proc', 'x', 'proc')
        self.assertEqual({'/run': ('system', True), '/dev': ('system', True),
                          '/proc': ('system', True),
                          '/tmp': ('memory', True)}, self.reasons())

    def test_containers_that_come_and_go_are_one_gap(self):
        ids = ('1f' * 32, '2e' * 32)
        for id in ids:
            self.mount('-t', 'tmpfs', 'x', f'var/lib/c/{id}/shm')
        self.assertEqual({'/var/lib/c/*/shm': ('memory', True)},
                         self.reasons())

    def test_a_second_view_of_what_is_in_it_is_no_gap(self):
        os.makedirs(self.at('var/lib/real/below'))
        self.mount('--bind', self.at('var/lib/real'), 'srv/view')
        file = self.at('etc/file')
        self.write('top/etc/file')
        awkward.run('mount', '--bind', file, file)
        self.addCleanup(awkward.run, 'umount', file)
        self.assertEqual({}, self.found())

    def test_a_part_of_a_disk_of_which_the_rest_is_not_mounted_is_one(self):
        other = loopdisks.mount(self, 'other', 'ext4', 64 << 20)
        os.makedirs(os.path.join(other, 'part'))
        self.mount('--bind', os.path.join(other, 'part'), 'srv/part')
        self.assertEqual({'/srv/part': ('part', False)}, self.reasons())

    def test_what_is_mounted_over_is_told_and_not_asked_for_its_size(self):
        loopdisks.mount(self, 'first', 'ext4', 64 << 20, place=self.at('srv'))
        loopdisks.mount(self, 'second', 'ext4', 64 << 20,
                        place=self.at('srv'))
        gap = self.found()['/srv']
        self.assertEqual(('hidden', False, None), (
            gap['reason'], gap['harmless'], gap['used_bytes']))

    @unittest.skipUnless(has('overlay'), 'this kernel has no overlay')
    def test_an_overlay_of_folders_in_it_is_a_harmless_view(self):
        store = self.at('var/lib/o')
        for name in ('low', 'up', 'work'):
            os.makedirs(os.path.join(store, name))
        self.mount('-t', 'overlay', 'x', '-o', 'lowerdir={0}/low,upperdir='
                   '{0}/up,workdir={0}/work'.format(store), 'srv/merged')
        self.assertEqual({'/srv/merged': ('view', True)}, self.reasons())
        self.assertEqual({'/srv/merged': ('overlay', False)},
                         self.reasons('/var/lib/o'))

    def test_what_fstab_has_and_is_not_mounted_is_a_gap(self):
        self.mount('-t', 'tmpfs', 'x', 'var/lib/there')
        self.write('top/etc/fstab', (
            '# /dev/sdz1 /no xfs defaults\n'
            '/dev/sdb1 /srv/lost xfs defaults 0 0\n'
            'far:/x /srv/far nfs4 noauto 0 0\n'
            '/dev/sdc1 none swap sw 0 0\n'
            'tmpfs /srv/memory tmpfs size=1m 0 0\n'
            '/srv/a /srv/b none bind 0 0\n'
            '/dev/sdd1 /var/link/there ext4 defaults 0 0\n'
            'short\n'))
        os.symlink('/var/lib', self.at('var/link'))
        found = self.found()
        self.assertEqual({'/srv/lost', '/srv/far', '/var/lib/there'},
                         set(found))
        self.assertEqual('memory', found['/var/lib/there']['reason'])
        self.assertEqual(('unmounted', 'xfs'), (
            found['/srv/lost']['reason'], found['/srv/lost']['fstype']))
        self.assertIn('(noauto)', found['/srv/far']['text'])

    def test_the_storage_of_the_backups_itself_is_no_loss(self):
        # Whatever it is: here something that would be a gap otherwise.
        other = loopdisks.mount(self, 'other', 'ext4', 64 << 20)
        os.makedirs(os.path.join(other, 'part'))
        self.mount('--bind', os.path.join(other, 'part'), 'backups')
        self.assertEqual({'/backups': ('storage', True)},
                         self.reasons(storage='/backups'))

    def secrets(self, *excludes):
        own = held.Held(filesystems.mounts(), excludes)
        return {one['what']: one['reason']
                for one in secrets.look(own, [])}

    def test_secrets_on_other_file_systems_are_named(self):
        self.write('top/etc/pki/tls/private/here.key')
        far = self.mount('-t', 'tmpfs', 'x', 'srv/far')
        disk = loopdisks.mount(self, 'disk', 'ext4', 64 << 20,
                               place=self.at('srv/disk'))
        for folder, name in ((far, 'a.key'), (disk, 'b.key')):
            awkward.put(os.path.join(folder, name).encode())
        private = self.at('etc/pki/tls/private')
        os.symlink('/srv/disk/b.key', os.path.join(private, 'b.key'))
        os.symlink('/nowhere', os.path.join(private, 'dangling'))
        self.assertEqual({}, self.secrets())
        self.assertEqual(
            {'/etc/pki/tls/private/b.key': 'elsewhere'},
            self.secrets('/srv/disk'))
        self.assertEqual({'/etc/pki/tls/private': 'elsewhere'},
                         self.secrets('/etc/pki'))
        shutil.rmtree(private)
        self.assertEqual({}, self.secrets('/etc/pki'))


class FstabTest(base.NodeTest):

    def test_what_waits_to_be_mounted_when_it_is_asked_for_is_not_there(self):
        self.write('top/etc/fstab', 'far:/x /srv nfs4 x-systemd.automount\n')
        root, auto = ({
            'number': '1:%d' % number, 'root': b'/', 'fstype': fstype,
            'device': 'x', 'options': '',
            'mountpoint': os.fsencode(os.path.join(paths.TOP, *place))}
            for number, (fstype, place) in enumerate((
                ('ext4', ()), ('autofs', ('srv',)))))
        found = mounts.look(held.Held([root, auto], []))
        self.assertEqual({('kernel', True), ('unmounted', False)}, {
            (one['reason'], one['harmless']) for one in found})
        [kept] = gaps.merged(found)
        self.assertFalse(kept['harmless'])


class PathsTest(base.NodeTest):

    def reasons(self, *excludes):
        own = held.Held([{
            'number': '1:1', 'root': b'/', 'fstype': 'ext4', 'device': 'x',
            'options': '', 'mountpoint': os.fsencode(paths.TOP)}], excludes)
        return {one['what']: one['reason']
                for one in mounts.paths_left_out(own)
                if not one['harmless']}

    def test_a_pattern_that_leaves_something_out_is_a_gap(self):
        self.write('top/var/lib/nova/instances/disk')
        self.assertEqual(
            {name: 'excluded' for name in (
                '/var/lib/nova/instances', '*.iso', '/srv/*/cache',
                'cache')},
            self.reasons('/var/lib/nova/instances', '/var/lib/absent',
                         '*.iso', '/srv/*/cache', 'cache'))

    def test_folders_of_temporary_files_are_harmless_gaps(self):
        own = held.Held([], [])
        self.assertEqual([('/tmp', True), ('/var/tmp', True)], [
            (one['what'], one['harmless'])
            for one in mounts.paths_left_out(own)])


class NetworkTest(base.NodeTest):
    """File systems of other machines, as the kernel lists them."""

    def setUp(self):
        super().setUp()
        self.mounts = [self.one('', 'ext4', '/dev/sda', '8:1')]

    def one(self, place, fstype, device, number='0:99', root=b'/'):
        return {'mountpoint': os.fsencode(os.path.join(paths.TOP, place)
                                          .rstrip('/')),
                'fstype': fstype, 'device': device, 'number': number,
                'root': root, 'options': ''}

    def test_each_kind_has_its_reason(self):
        for number, (fstype, reason) in enumerate((
                ('nfs4', 'network'), ('ceph', 'network'),
                ('fuse.sshfs', 'network'), ('ocfs2', 'cluster'),
                ('fuse.mine', 'fuse'), ('zfs', 'kind'),
                ('squashfs', 'kind'))):
            with self.subTest(fstype):
                own = held.Held(self.mounts + [self.one(
                    'srv/it', fstype, 'far:/x')], [])
                [gap] = mounts.look(own)
                self.assertEqual((reason, '/srv/it', fstype, False), (
                    gap['reason'], gap['what'], gap['fstype'],
                    gap['harmless']))
                self.assertIn('far:/x', gap['text'])

    def test_servers_that_do_not_answer_are_asked_three_times_in_all(self):
        self.addCleanup(setattr, mounts, '_PATIENCE', mounts._PATIENCE)
        mounts._PATIENCE = 0.2
        # It notes the last of its words, the place.
        standins.scripts(self, stat='for it; do :; done; echo "$it" >> %s\n'
                         'exec sleep 60' % self.path('asked'))
        own = held.Held(self.mounts + [
            self.one('srv/%d' % number, 'nfs4', 'far:/x')
            for number in range(5)], [])
        self.assertEqual([(reason, None) for reason in ['network'] * 5], [
            (one['reason'], one['used_bytes']) for one in mounts.look(own)])
        self.assertEqual([self.path('top', 'srv/%d' % number)
                          for number in range(3)], standins.asked(self))

    def test_no_file_of_another_machine_is_looked_at(self):
        """A link into a share is followed no further than to its edge."""
        os.symlink('/srv/it/deep/key', self.path('top', 'link'))
        own = held.Held(self.mounts + [self.one('srv/it', 'nfs4', 'far:/x')],
                        [])
        os.makedirs(self.path('top', 'srv'))
        # It would be followed on if it were asked.
        os.symlink('/etc', self.path('top', 'srv', 'it'))
        self.assertEqual(self.path('top', 'srv/it/deep/key').encode(),
                         own.resolve('/link'))
        self.assertEqual('is on /srv/it, which is not backed up',
                         own.why_not('/link'))

    def test_links_that_lead_to_each_other_end(self):
        os.symlink('/b', self.path('top', 'a'))
        os.symlink('../a', self.path('top', 'b'))
        self.assertIsNone(held.Held(self.mounts, []).why_not('/a'))
