# SPDX-License-Identifier: Apache-2.0
"""Pages of other sites, which browsers let ask where the service says so."""
import unittest

from oslo_config import cfg
from oslo_middleware import cors
import webob

from baas.tests import fixtures

SITE = 'https://dashboard.example.org'


class CorsTest(unittest.TestCase):

    def allowed(self, site, **options):
        """Ask as a page of a site; give for whom the answer is."""
        cfg.CONF.register_opts(cors.CORS_OPTS, 'cors')
        given = {('cors', name): value for name, value in options.items()}
        with fixtures.BaasFixture(auth='noauth', options=given) as service:
            answer = webob.Request.blank('/v1', headers={
                'Origin': site}).get_response(service.application)
        self.assertEqual(200, answer.status_int)
        return answer.headers.get('Access-Control-Allow-Origin')

    def test_a_page_of_another_site_is_let_in_where_it_is_named(self):
        self.assertIsNone(self.allowed(SITE))
        self.assertEqual(SITE, self.allowed(SITE, allowed_origin=[SITE]))
        self.assertIsNone(self.allowed('https://other.example.org',
                                       allowed_origin=[SITE]))
