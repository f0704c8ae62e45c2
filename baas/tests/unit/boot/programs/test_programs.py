# SPDX-License-Identifier: Apache-2.0
import getpass
import os
import pathlib
import re

import requests

from baas.db import boot_undos
from baas.db import jobs
from baas.tests.unit.boot import running
from baas.tests.unit.boot import site

ENTRY = 'ipxe/52-54-00-ba-a5-01.ipxe'


class PxeProgramsTest(running.ProgramTest):
    """The machine asks for its boot entry, as iPXE does."""
    method = 'pxe'

    def setUp(self):
        super().setUp()
        self.top = self.folder / 'tftp'
        self.top.mkdir()
        self.configure('boot_pxe', tftp_dir=str(self.top))

    def entry(self):
        """Give the boot entry, or None."""
        path = self.top / ENTRY
        return path.read_text() if path.exists() else None

    def power_on(self):
        """Let the machine load what its entry says, and boot it."""
        text = self.until(self.entry, 'there is a boot entry')
        url = re.search(r'^initrd .* (\S+)$', text, re.MULTILINE).group(1)
        self.rescue.boot(requests.get(url, timeout=60).content)
        return url

    def assertNothingLeft(self):
        self.assertEqual({}, site.tree(self.top))
        self.assertEqual(['index.html'], sorted(site.tree(self.images)))
        self.assertEqual({}, self.undos())

    def test_a_rescue_system_calls_in_and_its_image_is_withdrawn(self):
        start = self.call('start')
        url = self.power_on()
        self.assertEqual('pxe', self.good(start)['method'])
        self.assertEqual(404, requests.get(url, timeout=60).status_code)
        self.assertIsNone(self.entry())
        self.assertIn('turn controller-0 on', self.log())
        self.assertIn('has called back', self.log())
        self.good(self.call('cleanup'))
        self.assertNothingLeft()

    def test_a_check_changes_nothing_and_names_all_that_is_in_the_way(self):
        self.good(self.call('precheck'))
        self.assertNothingLeft()
        self.configure('boot', kernel='/nonexistent', images_url=None)
        os.unlink(self.folder / f'boot-precheck-{self.job.id}.json')
        self.bad(self.call('precheck'), 'no kernel of a rescue system')

    def test_a_system_with_another_host_key_does_not_call_in(self):
        self.configure('boot', manual_timeout=0.5)
        start = self.call('start')
        self.until(self.entry, 'there is a boot entry')
        self.rescue.start()  # the system that was there before
        self.bad(start, 'Host key verification failed')
        self.good(self.call('cleanup'))
        self.assertNothingLeft()

    def test_the_rescue_system_of_another_restore_does_not_call_in(self):
        self.configure('boot', manual_timeout=0.5)
        start = self.call('start')
        self.until(self.entry, 'there is a boot entry')
        keys = self.folder / self.job.id
        (keys / 'nonce').write_text('of another restore\n')
        self.power_on()
        self.bad(start, 'of another restore')

    def test_killed_while_it_waits_another_puts_everything_back(self):
        start = self.call('start')
        self.until(self.entry, 'there is a boot entry')
        self.kill(start)
        self.assertIsNotNone(self.entry())
        taken = jobs.take_over(self.job.id, self.job.epoch, 'second', 60)
        self.good(self.call('cleanup', epoch=taken.epoch))
        self.assertNothingLeft()

    def test_one_whose_job_was_taken_over_ends_by_itself(self):
        start = self.call('start')
        self.until(self.entry, 'there is a boot entry')
        jobs.take_over(self.job.id, self.job.epoch, 'second', 60)
        self.bad(start, 'taken over')

    def test_detached_it_is_followed_and_stopped(self):
        self.assertEqual('running', self.said(
            self.call('start', '--detach'))['state'])
        self.until(self.entry, 'there is a boot entry')
        said = self.said(self.call('start', '--follow', '--wait', '1'))
        self.assertEqual('running', said['state'])
        self.good(self.call('start', '--stop'))
        self.good(self.call('cleanup'))
        self.assertNothingLeft()

    def test_what_cannot_be_put_back_is_owed_until_the_next_restore(self):
        start = self.call('start')
        self.until(self.entry, 'there is a boot entry')
        self.kill(start)
        # The images cannot be withdrawn from another folder.
        other = self.folder / 'other'
        other.mkdir()
        self.configure('boot', images_dir=str(other), cleanup_timeout=0)
        self.bad(self.call('cleanup'), 'still served')
        self.end(self.job)
        row, = boot_undos.pending(site.NODE)
        self.assertIn('still served', row.error)
        self.configure('boot', images_dir=str(self.images))
        after = self.claimed()
        self.good(self.call('precheck', job=after))
        start = self.call('start', job=after)
        self.power_on()
        self.good(start)
        self.assertEqual([], boot_undos.pending())
        self.good(self.call('cleanup', job=after))
        self.assertNothingLeft()

    def test_nobody_else_can_read_the_keys(self):
        start = self.call('start')
        self.power_on()
        self.good(start)
        for path in (self.folder / self.job.id).rglob('*'):
            if path.is_file():
                self.assertEqual(0o600, path.stat().st_mode & 0o777, path)
        secret = (self.folder / self.job.id / 'key').read_text()
        for path in pathlib.Path(self.folder).glob('*.json*'):
            self.assertNotIn(secret.splitlines()[3], path.read_text())


class ManualProgramsTest(running.ProgramTest):
    method = 'manual'

    def test_the_job_waits_until_somebody_has_inserted_the_iso(self):
        self.iso()
        start = self.call('start')
        url = self.until(
            lambda: re.search(r'insert (\S+/rescue\.iso)', self.log()),
            'the log says where the ISO is').group(1)
        got = self.folder / 'got.iso'
        got.write_bytes(requests.get(url, timeout=60).content)
        self.rescue.boot(site.extracted(got, '/isolinux/initrd.cgz'))
        self.good(start)
        self.assertEqual(404, requests.get(url, timeout=60).status_code)


class SshProgramsTest(running.ProgramTest):
    """Somebody else boots; it is only looked at."""

    def test_it_is_enough_that_the_rescue_system_is_there(self):
        self.configure('boot', images_dir=None, images_url=None)
        self.configure('boot_ssh', user=getpass.getuser(),
                       private_key=str(self.rescue.key),
                       known_hosts=str(self.rescue.known_hosts))
        self.bad(self.call('precheck'), 'cannot be reached')
        self.rescue.start()
        self.good(self.call('precheck'))
        self.good(self.call('start'))
        self.assertIsNone(boot_undos.get(self.job.id, site.NODE))
        self.good(self.call('cleanup'))
