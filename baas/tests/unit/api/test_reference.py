# SPDX-License-Identifier: Apache-2.0
"""The sources of the API reference are made of the document of the API."""
import json
import pathlib
import re
import sys
import unittest

import yaml

import baas
from baas.api.docs import complete
from baas.api import root

TOOLS = pathlib.Path(baas.__file__).parent.parent / 'tools'


@unittest.skipUnless(TOOLS.exists(), 'An installed package has no tools')
class ReferenceTest(unittest.TestCase):

    def setUp(self):
        sys.path.insert(0, str(TOOLS))
        self.addCleanup(sys.path.remove, str(TOOLS))
        from api_reference import pages
        self.document = root.document()
        self.files = pages.make(self.document)
        self.rows = yaml.safe_load(self.files['parameters.yaml'])

    def test_each_call_is_on_one_page(self):
        text = ''.join(self.files[name] for name in self.files
                       if name.endswith('.rst'))
        self.assertEqual(
            sorted(call for call, _operation in complete.operations(
                self.document['paths'])),
            sorted(re.findall('rest_method:: (.*)', text)))

    def test_fields_inside_of_others_are_named_in_full(self):
        row = self.rows['job_show.response.body.plan.machines.disks.fstype']
        self.assertEqual(('body', 'string', 'Its kind.'),
                         (row['in'], row['type'], row['description']))

    def test_what_came_later_says_since_when(self):
        name = 'backup_show.response.body.protected'
        self.assertEqual('1.1', self.rows[name]['min_version'])

    def test_samples_are_the_examples(self):
        for call, operation in complete.operations(self.document['paths']):
            body = operation.get('requestBody')
            if body:
                with self.subTest(call):
                    self.assertEqual(
                        body['content']['application/json']['example'],
                        json.loads(self.files[
                            f'samples/{operation["operationId"]}'
                            '-request.json']))

    def test_each_status_is_explained(self):
        explained = yaml.safe_load(self.files['status.yaml'])
        for _call, operation in complete.operations(self.document['paths']):
            for status in operation['responses']:
                self.assertTrue(explained[int(status)]['default'])
