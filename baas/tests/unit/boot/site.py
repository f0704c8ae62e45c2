# SPDX-License-Identifier: Apache-2.0
"""A place in which machines are booted: the service with its database, a web
server for images, a rescue image, and a claimed restore."""
import functools
import gzip
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import unittest
import uuid

from oslo_config import cfg

from baas.boot import base
from baas.boot.images import image_urls
from baas.boot import undo
from baas.db import boot_undos
from baas.db import jobs
from baas.runner import inventory
from baas.tests import fixtures

NODE = 'controller-0'
MACS = ('52:54:00:ba:a5:01', '52:54:00:BA:A5:02')
METAL = str(uuid.uuid5(uuid.NAMESPACE_DNS, NODE))


class SiteTest(unittest.TestCase):
    """Has such a place.

    :ivar folder: where everything is (:class:`pathlib.Path`).
    :ivar images: what ``[boot] images_dir`` is.
    :ivar job: the row of the restore.
    """
    method = 'ssh'

    def setUp(self):
        super().setUp()
        self.service = fixtures.BaasFixture(auth='noauth')
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)
        self.folder = self.service.folder
        self.images = self.folder / 'images'
        self.images.mkdir()
        (self.images / 'index.html').touch()
        self.visits = []
        self.url = self._serve(self.images)
        self.kernel, self.initrd = self._rescue_image()
        self.configure('boot', method=self.method,
                       images_dir=str(self.images), images_url=self.url,
                       kernel=str(self.kernel), initrd=str(self.initrd),
                       cleanup_timeout=1, callback_timeout=1, manual_timeout=1)
        self.job = self.claimed()

    def configure(self, group, **values):
        """Set options of a section."""
        self.service.conf.config(group=group, **values)

    def claimed(self, kind='restore'):
        """Give a job that a conductor works on."""
        id = str(uuid.uuid4())
        jobs.create({'id': id, 'kind': kind, 'target': 'overcloud',
                     'holds': id, 'options': {}, 'node': NODE},
                    ('plan', 'rescue', 'cleanup'))
        return jobs.claim(id, 'first', 60)

    def end(self, job):
        """Let a job end."""
        jobs.move(job.id, 'fail', epoch=job.epoch)

    def node(self, **values):
        """Give the node that is restored."""
        return inventory.Node(**{
            'name': NODE, 'target': 'overcloud', 'address': '127.0.0.1',
            'macs': MACS, 'baremetal_uuid': METAL, **values})

    def machine(self, **values):
        """Give the machine that is restored."""
        return base.Machine(self.node(**values))

    def undo(self, job=None, by=None):
        """Give what a job has to undo, as one who comes anew reads it."""
        job = job or self.job
        return undo.BootUndo(job.id, NODE, self.method,
                             by or (job.id, job.epoch))

    def undos(self, job=None):
        """Give what the database says is pending (dict), {} when all is
        cleared."""
        row = boot_undos.get((job or self.job).id, NODE)
        return {} if row is None or row.undone_at else row.undo

    def published(self, names, undo):
        """Publish something as images; give them."""
        images = image_urls.place(cfg.CONF, undo)
        for name in names:
            images.path(name).write_bytes(
                f'{name} {images.folder.name}\n'.encode() * 100)
        image_urls.show(images, names)
        return images

    def place_node(self, **values):
        """Write an inventory that has the node."""
        path = self.folder / f'inventory-{uuid.uuid4()}.json'
        path.write_text(json.dumps({'Controller': {'hosts': {NODE: {
            'ansible_host': '127.0.0.1', 'baremetal_macs': list(MACS),
            'baremetal_uuid': METAL, **values}}}}))
        self.configure('runner', inventory=str(path))

    def iso(self):
        """Make an ISO of the rescue image that boots like one of ReaR."""
        tree = self.folder / 'tree'
        (tree / 'isolinux').mkdir(parents=True)
        (tree / 'isolinux' / 'isolinux.bin').write_bytes(bytes(4096))
        (tree / 'isolinux' / 'kernel').write_bytes(self.kernel.read_bytes())
        (tree / 'isolinux' / 'initrd.cgz').write_bytes(
            self.initrd.read_bytes())
        path = self.folder / 'rescue.iso'
        run('xorriso', '-as', 'mkisofs', '-quiet', '-V', 'REAR-ISO', '-R',
            '-o', path, '-b', 'isolinux/isolinux.bin', '-c',
            'isolinux/boot.cat', '-no-emul-boot', '-boot-load-size', '4',
            '-boot-info-table', tree)
        self.configure('boot', iso=str(path))
        return path

    def _rescue_image(self):
        kernel, initrd = self.folder / 'kernel', self.folder / 'initrd.cgz'
        kernel.write_bytes(b'kernel' * 5000)
        root = self.folder / 'rescue-root'
        (root / 'etc').mkdir(parents=True)
        (root / 'etc' / 'os-release').write_text('ID=rescue\n')
        packed = run('cpio', '--quiet', '-o', '-H', 'newc', cwd=root,
                     given=b'etc\netc/os-release\n')
        # Of a length at which no archive may begin.
        initrd.write_bytes(gzip.compress(packed, mtime=0)
                           + bytes(-len(gzip.compress(packed, mtime=0)) % 4
                                   + 1))
        return kernel, initrd

    def _serve(self, folder):
        visits = self.visits

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, _format, *words):
                visits.append(words[0])

        server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0), functools.partial(
                Handler, directory=str(folder)))
        thread = threading.Thread(
            target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f'http://127.0.0.1:{server.server_port}'


def extracted(image, name):
    """Give what a file in an ISO holds."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder) / 'file'
        run('xorriso', '-osirrox', 'on', '-indev', image, '-extract', name,
            place)
        return place.read_bytes()


def run(*words, given=b'', cwd=None):
    """Run a program to its end, which must be good; give its output."""
    done = subprocess.run([str(word) for word in words], input=given,
                          cwd=cwd, capture_output=True)
    if done.returncode:
        raise AssertionError(f'{words}: {done.stderr.decode()}')
    return done.stdout


def tree(folder):
    """Give all files below a folder with their content (dict)."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(pathlib.Path(folder).rglob('*'))
            if path.is_file()}
