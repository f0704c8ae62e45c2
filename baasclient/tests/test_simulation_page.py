# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup cleanup simulate --html"""
import pathlib

from baas.tests import fixtures as service
from baas.tests.functional import page_of_simulation as reading
from baasclient.tests import base

SIMULATE = ('control', 'plane', 'backup', 'cleanup', 'simulate')
FEW = ('--days', '40', '--keep-last', '3')


class PageTest(base.ShellTestCase):

    def setUp(self):
        super().setUp()
        self.file = pathlib.Path(self.folder) / 'page.html'

    def test_a_page_is_written_that_says_what_the_table_does(self):
        service.add_cleanup(keep_last=2, timezone='Europe/Berlin')
        days = self.openstack(
            *SIMULATE, 'overcloud', '--html', str(self.file), '--days', '40',
            '--size', '1T', '--change', '10G', '--all', '-f', 'json').json
        page = reading.Page(self.file.read_text(encoding='utf-8'))
        self.assertEqual(max(day['Sets'] for day in days),
                         page.value('most_sets'))
        self.assertEqual(max(day['Stored'] for day in days),
                         page.value('most_stored_bytes'))
        self.assertEqual(sum(day['Taken'] for day in days),
                         sum(row[1] for row in page.rows[1:]))
        said = [text for texts in page.texts.values() for text in texts]
        for text in ('Europe/Berlin', '%d (1.0 TiB)' % (1 << 40), '40'):
            self.assertIn(text, said)
        self.assertEqual({}, page.fields)

    def test_what_is_refused_leaves_the_file_as_it_was(self):
        self.file.write_text('before')
        lines = self.refused(*SIMULATE, '--days', '0', '--html',
                             str(self.file))
        self.assertIn('days', lines[0])
        self.assertEqual('before', self.file.read_text())

    def test_a_file_that_cannot_be_written_is_told(self):
        for name, reason in ((self.folder, 'Is a directory'),
                             ('/nonexistent/x', 'No such file or directory')):
            self.assertEqual(
                [f'The file {name} cannot be written: {reason}.',
                 'Name another file with --html.'],
                self.refused(*SIMULATE, *FEW, '--html', name))


class WithoutTest(base.ShellTestCase):
    options = {('api', 'docs'): False}

    def test_a_service_without_the_page_is_told(self):
        file = pathlib.Path(self.folder) / 'page.html'
        lines = self.refused(*SIMULATE, *FEW, '--html', str(file))
        self.assertEqual(
            ['The service has no page of the simulation: it is older, or its '
             'option [api] docs is off.', 'Leave --html out.'], lines[:2])
        self.assertFalse(file.exists())
