# SPDX-License-Identifier: Apache-2.0
"""Programs in a row that fail, do not end, or say how far they are."""
import hashlib
import os
import time
import unittest

from baas.node import errors
from baas.node import journal
from baas.node import payloads
from baas.node.payloads import objects
from baas.node.payloads import pipeline
from baas.node.payloads import tar
from baas.node import stores
from baas.node.system import syscalls
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

STUBBORN = ['sh', '-c', 'trap "" TERM; echo ready; exec sleep 600']


def wait_for(happens):
    """Wait until something is true."""
    until = time.monotonic() + 60
    while not happens() and time.monotonic() < until:
        time.sleep(0.02)


class PipelineTest(unittest.TestCase):

    def test_when_one_cannot_be_started_none_is_left(self):
        before = syscalls.children(os.getpid())
        with self.assertRaisesRegex(errors.NodeError,
                                    '/no/such cannot be started: No such'):
            pipeline.Pipeline([['sleep', '600'], ['/no/such']])
        self.assertLessEqual(set(syscalls.children(os.getpid())),
                             set(before))

    def test_one_that_does_not_end_when_it_is_told_to_is_killed(self):
        with pipeline.Pipeline([STUBBORN]) as pipe:
            self.assertEqual(b'ready\n', pipe.output.readline())
            pipe.kill(0.2)
            self.assertEqual(-9, pipe._processes[0].returncode)

    def test_what_one_that_has_ended_did_not_read_is_no_error(self):
        with pipeline.Pipeline([['true']], fed=True) as pipe:
            pipe._processes[0].wait()
            pipe.input.write(b'unread')

    def test_the_last_record_is_known_that_tar_has_told_of(self):
        with pipeline.Pipeline([['sh', '-c', 'echo tar: Write checkpoint 9 '
                                 '>&2; echo tar: Write checkpoint 12 >&2']]
                               ) as pipe:
            pipe.finish('write')
            self.assertEqual(12, pipe.checkpoint())
        with pipeline.Pipeline([['true']]) as pipe:
            self.assertEqual(0, pipe.checkpoint())


class ObjectTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        os.mkdir(self.path('storage'))
        journal.begin(base.JOB, 1, 'backup')
        store = {'kind': 'folder', 'path': self.path('storage')}
        self.request = self.asked('capture', folder='n/tar', backup='b',
                                  store=store)

    def test_an_upload_tells_how_far_it_is_and_can_be_broken_off(self):
        upload = objects.Upload(self.request, 'archive', [
            ['sh', '-c', 'echo checkpoint 3 >&2; exec sleep 600']])
        self.addCleanup(upload.end)
        reader = tar.Tar().reader(self.request, b'/', 'payload', None)
        reader._list.close()
        reader._upload, reader._bytes = upload, 25_000
        wait_for(upload.checkpoint)
        # Of a record of 10 KiB each, and never more than there is.
        self.assertEqual({'bytes_done': 25_000, 'files_done': 0},
                         reader.progress())
        self.assertFalse(upload.wait(0))
        upload.end(20)
        self.assertTrue(upload.wait(60))
        with self.assertRaisesRegex(errors.NodeError, 'sh ended with -15'):
            upload.finish('store')
        self.assertEqual([], os.listdir(self.path('storage/n/tar/b')))

    def test_a_program_that_reads_no_more_says_why(self):
        data = bytes(5 << 20)
        with open(self.path('storage', 'object'), 'wb') as handle:
            handle.write(data)
        with self.assertRaisesRegex(errors.NodeError,
                                    'read it: sh ended with 3: no luck'):
            objects.download(self.request, {
                'name': 'object', 'size': len(data),
                'sha256': hashlib.sha256(data).hexdigest()},
                [['sh', '-c', 'echo no luck >&2; exit 3']], 'read it', None)


class KindTest(base.NodeTest):

    def test_kinds_of_a_newer_service_are_refused_by_name(self):
        with self.assertRaisesRegex(errors.NodeError, 'kind zip is not known'):
            payloads.of({'payload': 'zip'})
        with self.assertRaisesRegex(errors.NodeError, 'kind tape is not'):
            stores.of(self.asked('capture', store={'kind': 'tape'}))

    def test_an_archive_needs_its_programs(self):
        standins.only(self)
        with self.assertRaisesRegex(errors.NodeError, 'There is no tar on'):
            tar.Tar().require(self.asked('prepare'))
