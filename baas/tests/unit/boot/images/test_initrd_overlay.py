# SPDX-License-Identifier: Apache-2.0
import os
import stat

from baas.boot.images import initrd_overlay
from baas.tests.unit.boot import site

INSIDE = {'etc/baas/nonce', 'etc/ssh/ssh_host_ed25519_key',
          'etc/ssh/ssh_host_ed25519_key.pub', 'root/.ssh/authorized_keys',
          'etc/mac-addresses'}


class OverlayTest(site.SiteTest):

    def setUp(self):
        super().setUp()
        self.keys = self.folder / 'rescue' / site.NODE
        initrd_overlay.make(self.keys, 'rescue-controller-0')
        self.extended = self.folder / 'extended'

    def unpacked(self, path):
        """Unpack what follows the initrd of the rescue image."""
        whole, first = path.read_bytes(), self.initrd.read_bytes()
        self.assertTrue(whole.startswith(first))
        begin = len(first) + -len(first) % 4
        self.assertEqual(bytes(begin - len(first)), whole[len(first):begin])
        root = self.folder / 'unpacked'
        root.mkdir()
        site.run('cpio', '--quiet', '-i', '-d', '-m', cwd=root,
                 given=whole[begin:])
        return root, whole[begin:]

    def test_the_archive_has_the_keys_and_nothing_else(self):
        initrd_overlay.extend(self.initrd, self.keys, self.extended)
        root, _ = self.unpacked(self.extended)
        self.assertEqual(INSIDE, set(site.tree(root)))

    def test_rear_has_no_card_to_ask_for_at_the_console(self):
        initrd_overlay.extend(self.initrd, self.keys, self.extended)
        root, _ = self.unpacked(self.extended)
        # An empty list is a silent one, see 55-migrate-network-devices.sh.
        self.assertEqual(b'', (root / 'etc/mac-addresses').read_bytes())

    def test_the_private_key_of_the_conductor_is_not_in_it(self):
        initrd_overlay.extend(self.initrd, self.keys, self.extended)
        secret = (self.keys / 'key').read_text().splitlines()[3].encode()
        self.assertNotIn(secret, self.extended.read_bytes())

    def test_files_belong_to_root_and_are_closed_to_others(self):
        initrd_overlay.extend(self.initrd, self.keys, self.extended)
        _, archive = self.unpacked(self.extended)
        listed = site.run('cpio', '--quiet', '-t', '-v', '-n',
                          given=archive).decode().splitlines()
        modes = {line.split()[-1]: line.split()[0] for line in listed}
        for name in INSIDE:
            self.assertEqual('-rw-------', modes[name], name)
        # An sshd refuses keys in a folder that others could change.
        self.assertEqual(('drwxr-xr-x', 'drwx------', 'drwx------'), (
            modes['etc'], modes['root'], modes['root/.ssh']))
        self.assertEqual({('0', '0')}, {
            tuple(line.split()[2:4]) for line in listed})

    def test_the_host_key_is_the_one_that_is_known_beforehand(self):
        known = (self.keys / 'known_hosts').read_text()
        public = self.keys / 'tree/etc/ssh/ssh_host_ed25519_key'
        derived = site.run('ssh-keygen', '-y', '-f', public).decode()
        self.assertEqual(f'rescue-controller-0 {derived}', known)

    def test_on_the_conductor_all_is_closed_to_others(self):
        for path in self.keys.rglob('*'):
            mode = stat.S_IMODE(path.stat().st_mode)
            if path.is_file():
                self.assertEqual(0o600, mode, path)
        for place in (self.keys, self.keys / 'tree'):
            self.assertEqual(0o700, stat.S_IMODE(place.stat().st_mode))

    def test_made_again_the_keys_stay_and_another_restore_has_its_own(self):
        before = site.tree(self.keys)
        initrd_overlay.make(self.keys, 'rescue-controller-0')
        self.assertEqual(before, site.tree(self.keys))
        other = self.folder / 'other'
        initrd_overlay.make(other, 'rescue-controller-0')
        for name in ('key', 'known_hosts', 'nonce'):
            self.assertNotEqual(before[name], site.tree(other)[name])

    def test_keys_that_were_made_by_half_are_made_anew(self):
        os.unlink(self.keys / 'nonce')
        before = site.tree(self.keys)
        initrd_overlay.make(self.keys, 'rescue-controller-0')
        self.assertNotEqual(before['key'], site.tree(self.keys)['key'])
