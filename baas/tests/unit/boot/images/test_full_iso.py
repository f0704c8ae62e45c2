# SPDX-License-Identifier: Apache-2.0
"""One ISO image of a whole backup: made, mounted as in a rescue system, and
restored from, for each kind of payload."""
import hashlib
import os
import shutil
import subprocess
import sys
import types
import unittest

import fixtures

from baas.boot.images import full_iso
from baas.conf import boot
from baas.node import paths
from baas.tests.unit import cheap_key
from baas.tests.unit.boot import site as boots
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.payloads import contract
from baas.tests.unit.node.payloads import test_restic
from baas.tests.unit.node.payloads import test_tar
from baas.tests.unit.storage import places as storages
from baas.tests.unit.storage import site

MIB = 1 << 20


class WholeContract(contract.RoundTrip):
    """What must be true of each kind; ``kind`` says which."""
    # Those are about a restore through the service.
    test_everything_comes_back_and_each_damage_is_named = None
    test_nothing_of_the_moment_is_left_after_release = None
    test_a_killed_capture_leaves_nothing_that_hinders_release = None
    test_what_a_check_left_that_was_broken_off_goes_with_the_next_job = None

    def setUp(self):
        self.site = site.Site(self.addCleanup)
        self.secrets = {
            'password': self.site.key.node_password(site.NODE),
            'identity': self.site.key.node_identity(site.NODE)}
        super().setUp()
        self.options['host'] = site.NODE
        self.conf = storages.configuration(
            self.site.state, storage_file={'path': str(self.site.root)},
            payload={'restic': self.site.restic,
                     'age': shutil.which('age')})
        self.conf.register_opts(boot.OPTS, 'boot')
        self.backup_row = types.SimpleNamespace(
            id='b-1', node=site.NODE, payload=self.kind)
        self.image = self.path('out', 'whole.iso')
        os.mkdir(self.path('out'))

    def sign(self, rescue=True, **capture):
        """Take a backup and have it verified."""
        captured = self.backup(excludes=['/var/lib/baas-node/journal.json'])
        self.do('release')
        self.layout(captured)
        job = self.site.verify_job('b-1', {**captured, **capture})
        job.pop('before')
        if rescue:
            job['manifest']['rescue'] = {
                name: self.store(name, os.urandom(4 * MIB))
                for name in ('kernel', 'initrd')}
        said = self.site.program('verify', **job)
        self.assertEqual('done', said['state'], said)
        return captured

    def store(self, name, content):
        digest = hashlib.sha256(content).hexdigest()
        path = self.site.root / site.NODE / 'rescue' / digest
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return {'object': f'{site.NODE}/rescue/{digest}', 'sha256': digest,
                'size': len(content)}

    def make(self, **options):
        return full_iso.make(self.conf, self.site.storage, self.site.key,
                             self.backup_row, self.image, **options)

    def refused(self, words, **options):
        with self.assertRaisesRegex(full_iso.WholeError, words) as caught:
            self.make(**options)
        self.assertTrue(caught.exception.hint)
        self.assertEqual([], [name for name in os.listdir(self.path('out'))
                              if name != 'whole.iso'])

    def insert(self):
        """Give what is on it; not each kernel mounts such images."""
        place = self.path('medium')
        boots.run('xorriso', '-osirrox', 'on', '-indev', self.image,
                  '-extract', '/baas', place)
        return place

    def type_restore(self, medium, *words, key=None, typed=''):
        """Run the program of the medium as from its console."""
        shutil.rmtree(self.path('rescue'), ignore_errors=True)
        os.mkdir(self.path('rescue'))
        key = key or full_iso.key(self.site.key, self.backup_row)
        path = self.write('typed-key', key + '\n')
        environment = dict(self.environment(),
                           BAAS_NODE_STATE=self.path('rescue', 'state'),
                           BAAS_NODE_RUN=self.path('rescue', 'run'))
        return subprocess.run(
            [sys.executable, os.path.join(medium, 'restore'),
             '--root', self.blank, '--key', path, *words], input=typed,
            cwd='/', text=True, capture_output=True, env=environment)

    def test_a_machine_comes_back_from_the_one_file(self):
        captured = self.sign()
        size = self.make()
        self.assertEqual((['whole.iso'], size),
                         (os.listdir(self.path('out')),
                          os.stat(self.image).st_size))
        medium = self.insert()
        other = types.SimpleNamespace(node='n2', payload=self.kind)
        with self.subTest('a wrong key is told before anything is written'):
            self.fails(medium, 'The backup cannot be opened.*'
                       'baas-manage backup key b-1', '--yes',
                       key=full_iso.key(self.site.key, other))
        with self.subTest('without a yes nothing is written'):
            self.fails(medium, 'Nothing was written', typed='y\n')
        with self.subTest('all of it is there'):
            done = self.type_restore(medium, typed='yes\n')
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.assertIn(f'All {captured["files"]} files are as in the '
                          'backup', done.stdout)
            mode = [os.stat(os.path.join(top, 'setuid')).st_mode
                    for top in (paths.TOP, self.blank)]
            self.assertEqual(*mode)

    def fails(self, medium, words, *given, **options):
        done = self.type_restore(medium, *given, **options)
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr.replace('\n', ' '), f'error: {words}')
        self.assertEqual([], os.listdir(self.blank))

    def test_it_boots_and_says_what_to_type_and_has_no_key(self):
        self.sign()
        self.make()
        with open(self.image, 'rb') as image:
            content = image.read()
        for text in self.secrets.values():
            self.assertNotIn(text.encode(), content)
        said = boots.run('xorriso', '-indev', self.image,
                         '-report_el_torito', 'plain').decode()
        for mode in ('BIOS', 'UEFI'):
            self.assertRegex(said, rf'El Torito boot img : +\d +{mode} +y')
        self.assertEqual(full_iso.LABEL, boots.run(
            'blkid', '-o', 'value', '-s', 'LABEL',
            self.image).decode().strip())
        root = self.path('booted')
        os.mkdir(root)
        boots.run('cpio', '--quiet', '-i', '-d', '-m', cwd=root,
                  given=boots.extracted(self.image, '/boot/initrd')[4 * MIB:])
        with open(os.path.join(root, 'etc', 'motd')) as handle:
            self.assertIn('type:  ./restore', handle.read())
        # Or ReaR asks which network card is which before anybody logs in.
        with open(os.path.join(root, 'etc', 'mac-addresses')) as handle:
            self.assertEqual('', handle.read())
        found = os.path.join(root, 'root', 'restore')
        self.assertTrue(os.access(found, os.X_OK))
        boots.run('sh', '-n', found)

    def test_what_cannot_become_one_is_refused_and_leaves_nothing(self):
        self.sign()
        with self.subTest('too large'):
            self.refused('it would have [0-9]+ MiB, and 9 MiB are allowed',
                         limit=9 * MIB)
            self.assertFalse(os.path.exists(self.image))
        with self.subTest('no room'), storages.small(self.path('out'), '80m'):
            self.refused('has 80 MiB')
        with (self.subTest('no right to write'),
              storages.read_only(self.path('out'))):
            self.refused('whole.iso cannot be written: ')
        with self.subTest('no programs'), fixtures.EnvironmentVariable(
                'PATH', self.path('out')):
            self.refused('is not installed on the conductor')
        with self.subTest('no folder'):
            self.image = self.path('nowhere', 'whole.iso')
            self.refused('there is no folder .*/nowhere')
        self.image = self.path('out', 'whole.iso')
        with self.subTest('a file that is there stays'):
            self.write('out/whole.iso', 'precious')
            self.refused('is there already')
            with open(self.image) as handle:
                self.assertEqual('precious', handle.read())

    def test_a_backup_without_a_rescue_image_is_refused(self):
        self.sign(rescue=False)
        self.refused('it has no rescue image')


@unittest.skipUnless(test_tar.CAN, test_tar.WHY_NOT)
class TarWholeTest(WholeContract, base.NodeTest):
    kind, tools = 'tar', test_tar.TarPayload.tools

    def told(self):
        return {'payload': 'tar', 'folder': f'{site.NODE}/tar',
                'recipient': self.site.key.node_recipient(site.NODE),
                'store': self.site.storage.store()}

    def test_an_archive_that_was_changed_is_not_put_into_one(self):
        captured = self.sign()
        path = self.site.root / captured['archive']['name']
        with open(path, 'r+b') as archive:
            archive.seek(2000)
            archive.write(b'changed')
        with self.assertRaisesRegex(Exception, 'is not what was stored'):
            self.make()
        self.assertEqual([], os.listdir(self.path('out')))


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class ResticWholeTest(WholeContract, base.NodeTest):
    kind, tools = 'restic', test_restic.ResticPayload.tools

    def setUp(self):
        super().setUp()
        cheap_key.repository(self.options['repository'],
                             self.secrets['password'])

    def told(self):
        return {'payload': 'restic', 'restic_args': [],
                'repository': self.site.storage.repository(site.NODE)}
