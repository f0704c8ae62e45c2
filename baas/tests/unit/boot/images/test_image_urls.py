# SPDX-License-Identifier: Apache-2.0
import hashlib
import os

from oslo_config import cfg
import requests

from baas.boot import base
from baas.boot.images import image_urls
from baas.boot.images import initrd_overlay
from baas.boot.images import iso
from baas.boot.images import rescue_image
from baas.storage import driver as storage
from baas.tests.unit.boot import site


class PublishTest(site.SiteTest):

    def refused(self, words, call, *args):
        with self.assertRaises(base.BootError) as caught:
            call(*args)
        self.assertIn(words, str(caught.exception))
        self.assertTrue(caught.exception.hint)

    def test_images_are_served_until_they_are_withdrawn(self):
        undo = self.undo()
        images = self.published(['kernel'], undo)
        url = images.address('kernel')
        self.assertEqual(200, requests.get(url, timeout=60).status_code)
        self.assertEqual({'images': images.folder.name}, self.undos())
        for _ in range(2):
            image_urls.withdraw(cfg.CONF, undo)
            self.assertEqual(404, requests.get(url, timeout=60).status_code)
        self.assertEqual({}, self.undos())

    def test_the_address_cannot_be_guessed(self):
        first = self.published(['kernel'], self.undo())
        other = self.published(['kernel'], self.undo(self.claimed()))
        self.assertGreaterEqual(len(first.folder.name), 43)  # 256 bits
        self.assertNotEqual(first.url, other.url)

    def test_only_what_this_restore_made_is_removed(self):
        other = self.published(['kernel'], self.undo(self.claimed()))
        undo = self.undo()
        self.published(['kernel'], undo)
        image_urls.withdraw(cfg.CONF, undo)
        self.assertEqual({'index.html', f'{other.folder.name}/kernel'},
                         set(site.tree(self.images)))

    def test_a_web_server_that_lists_its_folders_is_refused(self):
        (self.images / 'index.html').unlink()
        self.refused('lists what is in it', self.published, ['kernel'],
                     self.undo())

    def test_a_web_server_that_serves_something_else_is_refused(self):
        self.configure('boot', images_url=f'{self.url}/elsewhere')
        self.refused('answers 404', self.published, ['kernel'], self.undo())

    def test_a_web_server_that_is_not_there_is_told(self):
        self.configure('boot', images_url='http://127.0.0.1:1')
        self.refused('cannot be reached', self.published, ['kernel'],
                     self.undo())

    def test_a_conductor_that_does_not_share_the_folder_notices(self):
        undo = self.undo()
        self.published(['kernel'], undo)
        other = self.folder / 'another-host'
        other.mkdir()
        self.configure('boot', images_dir=str(other))
        self.refused('still served', image_urls.withdraw, cfg.CONF, undo)
        self.assertIn('images', self.undos())

    def test_what_no_web_server_serves_any_more_is_withdrawn(self):
        undo = self.undo()
        self.published(['kernel'], undo)
        self.configure('boot', images_url='http://127.0.0.1:1')
        image_urls.withdraw(cfg.CONF, undo)
        self.assertEqual({}, self.undos())
        self.assertEqual(['index.html'], os.listdir(self.images))

    def test_what_is_not_configured_is_a_problem(self):
        for values, words in (
                ({'images_dir': None}, 'not both set'),
                ({'images_url': 'file:///srv'}, 'neither http nor https'),
                ({'images_dir': '/nonexistent'}, 'no folder')):
            with self.subTest(words):
                self.configure('boot', images_dir=str(self.images),
                               images_url=self.url)
                self.configure('boot', **values)
                found, = image_urls.problems(cfg.CONF)
                self.assertIn(words, found.cause)


class RescueImageTest(site.SiteTest):

    def setUp(self):
        super().setUp()
        self.keys = self.folder / 'keys'
        initrd_overlay.make(self.keys, 'rescue-controller-0')
        self.storage = storage.load(cfg.CONF, 'some-cloud')

    def prepare(self, *files, rescue=None):
        return rescue_image.prepare(
            cfg.CONF, self.storage, files, rescue or {}, self.keys,
            self.undo(), lambda percent, task: None)

    def stored(self, name, data):
        object = f'{site.NODE}/rescue/ab12/{name}'
        self.storage.write(object, data)
        return {'object': object, 'size': len(data),
                'sha256': hashlib.sha256(data).hexdigest()}

    def test_kernel_and_initrd_are_published_with_the_keys(self):
        images = self.prepare('kernel', 'initrd')
        self.assertEqual(self.kernel.read_bytes(),
                         requests.get(images.address('kernel'),
                                      timeout=60).content)
        served = requests.get(images.address('initrd'), timeout=60).content
        self.assertTrue(served.startswith(self.initrd.read_bytes()))
        self.assertIn((self.keys / 'nonce').read_bytes(), served)
        self.assertFalse((self.keys / 'scratch').exists())

    def test_of_an_iso_nothing_else_is_published(self):
        self.iso()
        images = self.prepare('iso')
        self.assertEqual(['rescue.iso'], os.listdir(images.folder))

    def test_an_iso_is_made_of_the_image_of_the_backup(self):
        self.iso()
        data = b'another initrd' * 1000
        rescue = {'kernel': self.stored('kernel', b'another kernel'),
                  'initrd': self.stored('initrd', data)}
        images = self.prepare('iso', rescue=rescue)
        self.assertEqual(['rescue.iso'], os.listdir(images.folder))
        path = images.path('iso')
        self.assertEqual(b'another kernel',
                         site.extracted(path, '/boot/kernel'))
        self.assertTrue(site.extracted(path, '/boot/initrd').startswith(data))
        self.assertIn(b'root=/dev/ram0',
                      site.extracted(path, '/boot/grub/grub.cfg'))

    def test_an_iso_of_the_operator_needs_no_boot_loader_here(self):
        self.addCleanup(setattr, iso, '_LOADERS', iso._LOADERS)
        iso._LOADERS = self.folder / 'none'
        self.assertEqual(2, len(rescue_image.problems(
            cfg.CONF, ('iso',), {})))
        self.iso()
        self.assertEqual([], rescue_image.problems(cfg.CONF, ('iso',), {}))

    def test_an_iso_is_made_of_the_configured_kernel_and_initrd(self):
        images = self.prepare('iso')
        self.assertTrue(site.extracted(
            images.path('iso'), '/boot/initrd').startswith(
                self.initrd.read_bytes()))

    def test_the_rescue_image_of_the_backup_comes_first(self):
        data = b'another initrd' * 1000
        images = self.prepare('initrd', rescue={
            'initrd': self.stored('initrd', data)})
        self.assertTrue(images.path('initrd').read_bytes().startswith(data))

    def test_one_that_was_changed_on_the_storage_is_not_booted(self):
        stored = self.stored('initrd', b'evil')
        with self.assertRaises(base.BootError) as caught:
            self.prepare('initrd', rescue={
                'initrd': {**stored, 'sha256': '00' * 32}})
        self.assertIn('is not the initrd', str(caught.exception))

    def test_prepared_again_it_is_the_same_image_at_the_same_address(self):
        first = self.prepare('kernel', 'initrd')
        before = site.tree(self.images)
        self.assertEqual(first, self.prepare('kernel', 'initrd'))
        self.assertEqual(before, site.tree(self.images))

    def test_without_a_rescue_image_there_is_a_problem(self):
        self.configure('boot', kernel=None, initrd='/nonexistent')
        found = rescue_image.problems(cfg.CONF, ('kernel', 'initrd'), {})
        self.assertEqual(2, len(found))
        self.assertEqual([], rescue_image.problems(cfg.CONF, (), {}))
        self.assertEqual([], rescue_image.problems(
            cfg.CONF, ('kernel', 'initrd'), {'kernel': {}, 'initrd': {}}))
