# SPDX-License-Identifier: Apache-2.0
import io
import os
import stat
import tarfile

from baas.node.cluster import shared_files
from baas.node import paths
from baas.tests.unit.node import base


class SharedTest(base.NodeTest):
    """A node that came back with old keys, and what a member has sent."""

    def setUp(self):
        super().setUp()
        paths.make(paths.work(base.JOB))
        for name in ('0', '1', '2'):
            self.write(f'fernet/{name}', f'old {name}')
        self.write('authkey', 'same')
        self.globs = [self.path('fernet/*'), self.path('authkey')]

    def send(self, files, **about):
        """Write the archive: {name below the folder: content}."""
        with tarfile.open(paths.work(base.JOB, shared_files.ARCHIVE),
                          'w') as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(self.path(name).lstrip('/'))
                entry.size, entry.mode = len(content), 0o640
                for key, value in about.items():
                    setattr(entry, key, value)
                archive.addfile(entry, io.BytesIO(content))

    def sync_shared_files(self, globs=None):
        return shared_files.sync_shared_files(self.asked('sync_shared_files',
                                                         shared=globs
                                                         or self.globs))

    def have(self):
        folder = self.path('fernet')
        return {name: open(os.path.join(folder, name)).read()
                for name in sorted(os.listdir(folder))}

    def test_it_has_what_the_member_has_and_nothing_more(self):
        self.send({'fernet/0': b'new', 'fernet/2': b'old 2',
                   'fernet/7': b'seven', 'authkey': b'same'})
        said = self.sync_shared_files()
        self.assertEqual({'0': 'new', '2': 'old 2', '7': 'seven'},
                         self.have())
        self.assertEqual({'updated': [self.path('fernet/0'),
                                      self.path('fernet/7')],
                          'removed': [self.path('fernet/1')]}, said)

    def test_again_it_changes_nothing(self):
        self.send({'fernet/0': b'new'})
        self.sync_shared_files()
        self.assertEqual({'updated': [], 'removed': []},
                         self.sync_shared_files())

    def test_what_the_member_has_nothing_of_stays(self):
        self.send({'authkey': b'new'})
        self.sync_shared_files()
        self.assertEqual(3, len(self.have()))

    def test_without_an_archive_all_stays(self):
        self.assertEqual({'updated': [], 'removed': []},
                         self.sync_shared_files())

    def test_what_nobody_asked_for_is_not_written(self):
        self.send({'fernet/../evil': b'1', 'fernet/sub/evil': b'1',
                   'evil': b'1', 'fernet/.evil': b'1', 'fernet/0': b'new'})
        self.sync_shared_files()
        self.assertEqual({'0': 'new'}, self.have())
        self.assertFalse(os.path.exists(self.path('evil')))

    def test_a_file_that_stays_keeps_its_mode_and_a_new_one_has_that_of_the_member(  # noqa: E501
            self):
        os.chmod(self.path('fernet/0'), 0o400)
        self.send({'fernet/0': b'new', 'fernet/7': b'seven'})
        self.sync_shared_files()
        self.assertEqual([0o400, 0o640], [
            stat.S_IMODE(os.stat(self.path(name)).st_mode)
            for name in ('fernet/0', 'fernet/7')])

    @base.needs_root
    def test_a_file_that_stays_keeps_its_label_of_selinux(self):
        label = b'system_u:object_r:etc_t:s0\0'
        os.setxattr(self.path('fernet/0'), 'security.selinux', label)
        self.send({'fernet/0': b'new'})
        self.sync_shared_files()
        self.assertEqual(label, os.getxattr(self.path('fernet/0'),
                                            'security.selinux'))

    def test_a_new_file_belongs_to_the_user_of_that_name(self):
        self.send({'fernet/0': b'x', 'fernet/7': b'seven'}, uname='daemon',
                  gname='nobody-has-this', uid=4711, gid=4712)
        self.sync_shared_files()
        found = os.stat(self.path('fernet/7'))
        self.assertEqual((1, 4712), (found.st_uid, found.st_gid))

    def test_a_link_stays_one(self):
        os.rename(self.path('authkey'), self.path('real'))
        os.symlink('real', self.path('authkey'))
        self.send({'authkey': b'new'})
        self.sync_shared_files()
        self.assertTrue(os.path.islink(self.path('authkey')))
        self.assertEqual('new', open(self.path('real')).read())

    def test_a_service_that_is_not_on_this_node_gets_nothing(self):
        self.send({'other/key': b'new'})
        self.assertEqual(
            [], self.sync_shared_files([self.path('other/*')])['updated'])
        self.assertFalse(os.path.exists(self.path('other')))

    def test_names_and_content_tell_nodes_apart(self):
        before = shared_files.digests(self.globs)
        self.assertEqual(before, shared_files.digests(self.globs))
        os.rename(self.path('fernet/2'), self.path('fernet/3'))
        renamed = shared_files.digests(self.globs)
        self.write('fernet/3', 'other')
        changed = shared_files.digests(self.globs)
        self.assertEqual(3, len({one[self.globs[0]] for one in (
            before, renamed, changed)}))
        self.assertEqual(before[self.globs[1]], changed[self.globs[1]])

    def test_what_is_not_there_has_no_digest(self):
        glob = self.path('nothing/*')
        self.assertEqual({glob: None}, shared_files.digests([glob]))
