# SPDX-License-Identifier: Apache-2.0
"""Making the rescue image of a node, or finding that there is one."""
import hashlib
import os

from baas.boot.images import initrd_overlay
from baas.node.backup import release
from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node.rear import config
from baas.node.rear import mkrescue
from baas.node.rear import state_swap
from baas.node.system import command
from baas.tests.unit.node import base

# Keeps what it is told beside itself, and its settings are read as ReaR
# reads them.
REAR = '''#!/bin/bash
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case "$*" in
*--version) echo "Relax-and-Recover 2.7" ;;
*checklayout)
    cat "$here/../top/var/lib/rear/layout/disklayout.conf" >> "$here/seen"
    exit $(cat "$here/changed" 2>/dev/null || echo 0) ;;
*mkrescue)
    test ! -e "$here/slow" || exec sleep 600
    test ! -e "$here/broken" || { echo "ERROR: no room"; exit 1; }
    source "$2/local.conf"
    mkdir -p "$here/../top/var/lib/rear/layout"
    cp "$here/layout" "$here/../top/var/lib/rear/layout/disklayout.conf"
    mkdir -p "${OUTPUT_URL#file://}/here"
    echo kernel > "${OUTPUT_URL#file://}/here/vmlinuz-6.1"
    test -e "$here/lacking" ||
        cp "$here/calls" "${OUTPUT_URL#file://}/here/initrd.cgz" ;;
esac
'''


class RescueTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        os.chmod(self.write('bin/rear', REAR), 0o700)
        self.addCleanup(os.environ.update, PATH=os.environ['PATH'])
        os.environ['PATH'] = f'{self.path("bin")}:{os.environ["PATH"]}'
        self.layout('# 1\ndisk /dev/a 9 gpt\n')
        self.store = self.path('store')
        os.mkdir(self.store)
        journal.begin(base.JOB, 1, 'backup')

    def layout(self, text):
        """Say what ReaR finds when it looks at the disks."""
        self.write('bin/layout', text)

    def rescue(self, **options):
        return mkrescue.rescue(self.asked('rescue', **{
            'image': 'auto', 'folder': 'node/rescue', 'minutes': 1,
            'store': {'kind': 'folder', 'path': self.store}, **options}))

    def made(self):
        with open(self.path('bin/calls')) as handle:
            return sum('mkrescue' in line for line in handle)

    def test_what_is_made_is_stored_by_its_content(self):
        found = self.rescue()
        self.assertTrue(found['made'])
        for name in ('kernel', 'initrd'):
            told = found['rescue'][name]
            with open(os.path.join(self.store, told['object']), 'rb') as file:
                data = file.read()
            digest = hashlib.sha256(data).hexdigest()
            self.assertEqual((digest, len(data), f'node/rescue/{digest}'),
                             (told['sha256'], told['size'], told['object']))
        self.assertEqual(2, len(os.listdir(self.path('store/node/rescue'))))

    def test_it_tells_which_disks_it_makes(self):
        self.assertEqual([('/dev/a', 9)], [
            (disk['name'], disk['size']) for disk in self.rescue()['disks']])

    def test_one_that_would_ask_questions_is_not_stored(self):
        self.layout(
            'disk /dev/a 9 gpt\ncrypt /dev/mapper/x /dev/a1\n')
        self.assertIn('encrypted', self.rescue()['warning']['cause'])
        self.assertEqual([], os.listdir(self.store))

    def test_one_that_still_fits_is_neither_made_nor_sent_again(self):
        first = self.rescue()
        path = os.path.join(self.store, first['rescue']['kernel']['object'])
        before = os.stat(path).st_ino
        second = self.rescue()
        self.assertFalse(second['made'])
        self.assertEqual(first['rescue'], second['rescue'])
        self.assertEqual((1, before), (self.made(), os.stat(path).st_ino))

    def test_it_is_made_again_when_something_has_changed(self):
        self.rescue()
        self.write('bin/changed', '1')
        self.assertTrue(self.rescue()['made'], 'the disks')
        os.remove(self.path('bin/changed'))
        self.assertTrue(self.rescue(kernel_params='quiet')['made'],
                        'our configuration')
        os.remove(paths.state('rescue', 'image', 'kernel'))
        self.assertTrue(self.rescue(kernel_params='quiet')['made'],
                        'a file is gone')
        self.assertFalse(self.rescue(kernel_params='quiet')['made'])

    def seen(self):
        """Give the layouts that ReaR has compared disks with."""
        with open(self.path('bin/seen')) as handle:
            return sorted(set(handle.read().split()))

    def theirs(self):
        """Give what the operator finds of his own image (a dict)."""
        top = self.path('top/var/lib/rear')
        return {name: sorted(os.listdir(os.path.join(top, name)))
                for name in os.listdir(top)}

    def test_what_the_operator_has_rear_check_is_still_his_own_image(self):
        path = self.write('top/var/lib/rear/layout/disklayout.conf', 'his')
        self.write('top/var/lib/rear/layout/config/more')
        self.layout('ours\n')
        before = self.theirs()
        for broken in (False, False, True):
            self.write('bin/changed', str(int(broken)))
            if broken:
                self.write('bin/broken')
            self.rescue()
            self.assertEqual(before, self.theirs())
            with open(path) as handle:
                self.assertEqual('his', handle.read())
        # Each look was at what we had made.
        self.assertEqual(['ours'], self.seen())

    def test_one_who_has_no_image_has_none_afterwards(self):
        os.makedirs(self.path('top/var/lib/rear'))
        self.rescue()
        self.assertEqual({}, self.theirs())

    def test_a_release_puts_back_what_a_killed_process_left_aside(self):
        path = self.write('top/var/lib/rear/layout/disklayout.conf', 'his')
        opened = state_swap.ours()
        opened.__enter__()
        self.assertFalse(os.path.exists(path))
        release.release(self.asked('release'))
        with open(path) as handle:
            self.assertEqual('his', handle.read())
        self.assertFalse(os.path.exists(paths.state('rescue', 'theirs')))

    def test_one_that_cannot_be_made_is_a_warning(self):
        self.write('bin/broken')
        said = self.rescue()
        self.assertEqual('ReaR could not make a rescue image: ERROR: no room.',
                         said['warning']['cause'])
        self.assertNotIn('rescue', said)

    def test_one_that_lacks_a_part_or_takes_too_long_is_a_warning(self):
        for name, limit, said in (
                ('lacking', {}, 'a rescue image without initrd'),
                ('slow', {'minutes': 0.02}, 'it took longer than it may')):
            path = self.write('bin/' + name)
            self.assertIn(said, self.rescue(**limit)['warning']['cause'])
            os.remove(path)

    def test_where_it_is_required_it_is_an_error(self):
        self.write('bin/broken')
        with self.assertRaisesRegex(errors.NodeError, 'no room'):
            self.rescue(image='required')

    def test_a_failed_one_does_not_harm_the_one_that_is_there(self):
        self.rescue()
        self.write('bin/changed', '1')
        self.write('bin/broken')
        self.assertIn('warning', self.rescue())
        self.assertTrue(os.path.isfile(
            paths.state('rescue', 'image', 'initrd')))
        os.remove(self.path('bin/broken'))
        os.remove(self.path('bin/changed'))
        self.assertTrue(self.rescue()['made'])

    def test_a_node_without_rear_says_so(self):
        os.remove(self.path('bin/rear'))
        # The machine of the test may have one.
        self.addCleanup(setattr, command, 'SYSTEM', command.SYSTEM)
        command.SYSTEM = []
        os.environ['PATH'] = self.path('bin')
        self.assertIn('not installed', self.rescue()['warning']['cause'])

    def test_never_does_nothing(self):
        self.assertNotIn('warning', self.rescue(image='never'))
        self.assertFalse(os.path.exists(self.path('bin/calls')))

    def test_words_of_the_configuration_are_no_commands(self):
        text = config.write(self.path('conf'), {
            'kernel_params': 'a=1 $(touch x) `touch x` "; touch x'})
        self.assertIn('KERNEL_CMDLINE="a=1 touch x touch x  touch x"', text)

    def test_what_each_restore_has_empty_is_not_taken_for_damage(self):
        self.assertIn(
            f'\nEXCLUDE_MD5SUM_VERIFICATION=/{initrd_overlay.SILENT}\n',
            config.write(self.path('conf'), {}))
