# SPDX-License-Identifier: Apache-2.0
import unittest

from oslo_config import cfg

from baas.conductor.backup import own_dependencies
from baas.node.backup import check
from baas.node.system import nics
from baas.tests import fixtures


class NeedsTest(unittest.TestCase):

    def needs(self, **options):
        service = fixtures.BaasFixture(auth='noauth')
        service.setUp()
        self.addCleanup(service.cleanUp)
        for group, values in options.items():
            service.conf.config(group=None if group == 'DEFAULT' else group,
                                **values)
        return own_dependencies.addresses()

    def test_a_file_is_on_no_host(self):
        self.assertEqual({}, self.needs())

    def test_hosts_are_known_by_their_addresses(self):
        self.assertEqual(
            {'database': ['198.51.100.1'], 'message bus': ['198.51.100.2']},
            self.needs(database={
                'connection': 'mysql+pymysql://baas:x@198.51.100.1/baas'},
                DEFAULT={'transport_url': 'rabbit://b:x@198.51.100.2:5672/'}))

    def test_the_identity_service_is_where_its_url_says(self):
        self.assertEqual({}, self.needs(api={'auth_strategy': 'keystone'}))
        cfg.CONF.register_opt(cfg.StrOpt('auth_url'), 'keystone_authtoken')
        self.addCleanup(cfg.CONF.unregister_opt, cfg.StrOpt('auth_url'),
                        'keystone_authtoken')
        self.assertEqual(
            {'Identity service': ['198.51.100.3']},
            self.needs(api={'auth_strategy': 'keystone'}, keystone_authtoken={
                'auth_url': 'http://198.51.100.3:5000/v3'}))

    def test_a_host_that_nobody_knows_is_on_no_node(self):
        with self.assertLogs(own_dependencies.LOG.logger) as logged:
            self.assertEqual({}, self.needs(database={
                'connection': 'mysql+pymysql://baas:x@nowhere.invalid/baas'}))
        self.assertIn('on which node nowhere.invalid is', logged.output[0])

    def test_what_is_on_this_machine_has_the_addresses_others_see(self):
        found = self.needs(database={
            'connection': 'mysql+pymysql://baas:x@localhost/baas'})
        self.assertNotIn('127.0.0.1', found.get('database', []))
        self.assertLessEqual(set(found.get('database', [])),
                             nics.own_addresses())

    def test_a_node_says_what_it_carries(self):
        mine = sorted(nics.own_addresses())[0]
        self.assertEqual(['database'], check._carried(
            {'database': ['198.51.100.1', mine],
             'message bus': ['198.51.100.2']}))
