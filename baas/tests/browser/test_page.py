# SPDX-License-Identifier: Apache-2.0
"""/v1/docs as a browser shows it."""
import threading
from urllib import parse

from oslo_config import cfg
from selenium.webdriver.common import by

from baas.api.http import server
from baas.tests.browser import chromium
from baas.tests import fixtures

WIDTHS = (1280, 390)
SCHEMES = {'light': 'rgb(255, 255, 255)', 'dark': 'rgb(20, 24, 29)'}
LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
"""What redoc would ask for, beside its link to who has made it."""


class PageTest(chromium.BrowserTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service = fixtures.BaasFixture()
        service.setUp()
        cls.addClassCleanup(service.cleanUp)
        cls.service, cls.url = service, service.serve()

    def serve(self, application):
        """Serve something before the application; give the URL."""
        http = server.build(application, cfg.CONF, port=0)
        http.prepare()
        thread = threading.Thread(target=http.serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)
        self.addCleanup(http.stop)
        return 'http://{}:{}'.format(*http.bind_addr[:2])

    def test_it_asks_no_other_host_for_anything(self):
        self.look()
        self.show(f'{self.url}/v1/docs')
        self.until('return document.body.innerText.includes("Redocly")')
        self.until(f'return !document.querySelector("img[src=\'{LOGO}\']")')
        out, stopped = self.asked()
        here = parse.urlsplit(self.url).netloc
        self.assertEqual([], sorted(
            url for url in out if not url.startswith(('data:', 'blob:'))
            and parse.urlsplit(url).netloc != here))
        self.assertIn(f'{self.url}/v1/openapi.json', out)
        self.assertLessEqual(stopped, {LOGO})

    def test_its_policy_stops_nothing_but_a_logo(self):
        self.look()
        self.show(f'{self.url}/v1/docs')
        self.until(f'return !document.querySelector("img[src=\'{LOGO}\']")')
        self.assertEqual([], [one for one in self.said() if LOGO not in one])

    def test_all_of_it_can_be_read_at_each_width_in_light_and_dark(self):
        for width in WIDTHS:
            for scheme, color in SCHEMES.items():
                with self.subTest(f'{width} {scheme}'):
                    self.look(width, scheme)
                    self.show(f'{self.url}/v1/docs')
                    self.picture(f'docs-{width}-{scheme}-top')
                    self.assertEqual(color, self.browser.execute_script(
                        'return getComputedStyle(document.body)'
                        '.backgroundColor'))
                    self.run_here('open.js')
                    self.until('return document.body.innerText.includes('
                               '"What living members give")')
                    self.picture(f'docs-{width}-{scheme}-call')
                    self.assertEqual({}, self.run_here('contrast.js'))
                    self.assertEqual(width, self.browser.execute_script(
                        'return document.documentElement.scrollWidth'))

    def test_it_follows_when_the_wish_changes(self):
        self.look(scheme='light')
        self.show(f'{self.url}/v1/docs')
        self.wish('dark')
        self.until('return document.querySelectorAll("[data-section-id]")'
                   '.length > 30 && getComputedStyle(document.querySelector('
                   '"[role=navigation], .menu-content")).backgroundColor'
                   ' !== "rgb(244, 246, 248)"')
        self.assertEqual(SCHEMES['dark'], self.browser.execute_script(
            'return getComputedStyle(document.body).backgroundColor'))

    def test_calls_can_be_searched(self):
        self.look()
        self.show(f'{self.url}/v1/docs')
        self.browser.find_element(
            by.By.CSS_SELECTOR, 'input[type=text]').send_keys('clean')
        self.until('return document.querySelectorAll('
                   '"[data-role=\'search:results\'] li").length > 2')

    def test_examples_are_those_of_the_document(self):
        self.look()
        self.show(f'{self.url}/v1/docs')
        self.until('return document.body.innerText.includes('
                   '"before-the-update")')

    def test_a_slash_at_the_end_makes_no_difference(self):
        self.look()
        self.show(f'{self.url}/v1/docs/')

    def test_it_works_below_a_path_of_a_proxy(self):
        def behind(environ, start_response):
            # As a proxy that hands on what is below /backup, and no more.
            self.assertEqual('/backup', environ['PATH_INFO'][:7])
            return self.service.application({
                **environ, 'PATH_INFO': environ['PATH_INFO'][7:]},
                start_response)
        self.look()
        self.show(f'{self.serve(behind)}/backup/v1/docs')

    def test_it_says_so_when_there_is_no_document(self):
        def without(environ, start_response):
            if environ['PATH_INFO'].endswith('.json'):
                environ = {**environ, 'PATH_INFO': '/nothing'}
            return self.service.application(environ, start_response)
        self.browser.get(f'{self.serve(without)}/v1/docs')
        self.until('return document.body.innerText.includes('
                   '"cannot be shown: status 401")')
