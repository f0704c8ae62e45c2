# SPDX-License-Identifier: Apache-2.0
"""Every call with an inventory as TripleO writes it, and with a bad one."""
import pathlib
import unittest

import webob

from baas.tests import fixtures
from baas.tests.functional import contract

SAMPLES = pathlib.Path(__file__).parents[1] / 'unit/runner/inventories'


class InventoryTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.service = fixtures.BaasFixture(auth='noauth')
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)
        self.application = contract.Checked(self.service.application)

    def use(self, path, **targets):
        self.service.conf.config(group='runner', inventory=str(path))
        self.service.conf.config(group='targets', **targets)

    def call(self, method, path):
        request = webob.Request.blank(path, method=method,
                                      headers={'X-Roles': 'admin'})
        answer = request.get_response(self.application)
        return answer.status_int, answer.json

    def refused(self, method, path):
        status, answer = self.call(method, path)
        [error] = answer['errors']
        self.assertEqual((409, 'baas.inventory.node_unusable'),
                         (status, error['code']), answer)
        return error['detail']

    def test_the_overcloud_of_tripleo_is_backed_up_from_a_third_machine(self):
        self.use(SAMPLES / 'tripleo.yaml')
        status, answer = self.call('GET', '/v1/node')
        self.assertEqual(200, status)
        self.assertEqual(
            [('prod-controller-0', True), ('prod-controller-1', True),
             ('prod-controller-2', True), ('undercloud', False)],
            [(node['name'], node['problem'] is None)
             for node in answer['nodes']])
        self.assertEqual(202, self.call('POST', '/v1/backup/overcloud')[0])
        self.assertIn('undercloud is the machine that the service itself runs '
                      'on, by ansible_host=localhost',
                      self.refused('POST', '/v1/backup/undercloud'))
        backup = fixtures.add_backup(target='undercloud', node='undercloud')
        self.refused('POST', f'/v1/restore/{backup}/undercloud')

    def test_the_undercloud_of_tripleo_is_backed_up_where_it_is(self):
        for name in ('tripleo', 'undercloud'):
            path = self.service.folder / f'{name}.yaml'
            path.write_text((SAMPLES / f'{name}.yaml').read_text().replace(
                '192.0.2.1\n', '127.0.0.1\n'))
            self.use(path, own_machine=['undercloud'])
            answer = self.call('GET', '/v1/node?target=undercloud')[1]
            self.assertEqual([None], [node['problem']
                                      for node in answer['nodes']])
        self.assertEqual(202, self.call('POST', '/v1/backup/undercloud')[0])

    def test_a_bad_variable_is_named_and_no_call_breaks(self):
        path = self.service.folder / 'hosts.yaml'
        path.write_text('''
Controller: {hosts: {a: {ansible_port: "{{ nowhere }}"}, b: {}}}
Undercloud: {hosts: {u: {}}}
''')
        self.use(path)
        answer = self.call('GET', '/v1/node?target=overcloud')[1]
        self.assertIn('ansible_port of a is a template',
                      answer['nodes'][0]['problem'])
        status, answer = self.call('GET', '/v1/node/a')
        self.assertEqual((200, 'a'), (status, answer['name']))
        self.assertIn('of a is a template',
                      self.refused('POST', '/v1/backup/overcloud'))
        backup = fixtures.add_backup(node='a')
        self.refused('POST', f'/v1/restore/{backup}/a')
        self.assertEqual(202, self.call('POST', '/v1/backup/undercloud')[0])
