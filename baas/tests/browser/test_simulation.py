# SPDX-License-Identifier: Apache-2.0
"""/v1/docs/simulation as a browser shows it."""
from urllib import parse

from selenium.webdriver.common import by

from baas.tests.browser import chromium
from baas.tests import fixtures

WIDTHS = (1280, 390)
SCHEMES = {'light': 'rgb(255, 255, 255)', 'dark': 'rgb(20, 24, 29)'}
PATH = '/v1/docs/simulation'
FILLED = '?size_bytes=500G&change_bytes=5G&keep_daily=14&keep_monthly=6'
WRONG = '?days=0&size_bytes=much&keep_dayly=3'


class SimulationTest(chromium.BrowserTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service = fixtures.BaasFixture(auth='http_basic')
        service.setUp()
        cls.addClassCleanup(service.cleanUp)
        cls.url = service.serve()

    def setUp(self):
        here = parse.urlsplit(self.url).netloc
        # What a browser asks its user for, once.
        self.entered = f'http://{fixtures.USER}:{fixtures.PASSWORD}@{here}'

    def show_page(self, query='', **how):
        self.look(**how)
        self.browser.get('about:blank')
        for kind in ('browser', 'performance'):
            self.browser.get_log(kind)
        self.browser.get(f'{self.entered}{PATH}{query}')

    def text(self):
        return self.browser.execute_script('return document.body.innerText')

    def test_it_asks_for_nothing_and_its_policy_stops_nothing(self):
        self.show_page(FILLED)
        out, stopped = self.asked()
        self.assertEqual(({f'{self.entered}{PATH}{FILLED}'}, set()),
                         ({url for url in out
                           if not url.startswith('data:')}, stopped))
        self.assertEqual([], self.said())

    def test_all_of_it_can_be_read_at_each_width_in_light_and_dark(self):
        for width in WIDTHS:
            for scheme, color in SCHEMES.items():
                for name, query in (('filled', FILLED), ('wrong', WRONG),
                                    ('kept', f'{FILLED}&form=no')):
                    with self.subTest(f'{name} {width} {scheme}'):
                        self.show_page(query, width=width, scheme=scheme)
                        self.whole_picture(
                            f'simulation-{name}-{width}-{scheme}')
                        self.assertEqual(color, self.browser.execute_script(
                            'return getComputedStyle(document.body)'
                            '.backgroundColor'))
                        self.assertEqual({}, self.run_here('contrast.js'))
                        self.assertEqual(width, self.browser.execute_script(
                            'return document.documentElement.scrollWidth'))

    def test_labels_of_the_drawing_stay_apart_and_inside(self):
        for width in WIDTHS:
            for query in (FILLED, '?days=9&size_bytes=1T', '?days=731',
                          '?days=62', '?days=1'):
                with self.subTest(f'{width} {query}'):
                    self.show_page(query, width=width)
                    self.assertEqual([], self.run_here('labels.js'))

    def test_the_form_is_filled_in_and_sent(self):
        self.show_page()
        for name, value in (('keep_monthly', '0'), ('keep_weekly', ''),
                            ('days', '30'), ('size_bytes', '1T')):
            field = self.browser.find_element(by.By.NAME, name)
            field.clear()
            field.send_keys(value)
        field.submit()
        self.until('return document.querySelector("#chart-stored_bytes")')
        self.assertIn('1.0 TiB', self.text())
        self.assertEqual('1T', self.browser.find_element(
            by.By.NAME, 'size_bytes').get_attribute('value'))
        self.assertEqual('7', self.browser.execute_script(
            'return document.querySelector("#most_sets").textContent'))
        self.assertEqual([], self.said())

    def test_what_is_hostile_is_shown_as_text(self):
        text = '"><img src=x onerror=alert(1)><b>'
        self.show_page('?' + parse.urlencode({'cron': text, text: '1'}))
        self.assertEqual(text, self.browser.find_element(
            by.By.NAME, 'cron').get_attribute('value'))
        self.assertIn(f'Argument {text}: is not known here.', self.text())
        self.assertEqual([], self.browser.find_elements(
            by.By.CSS_SELECTOR, 'img, b'))
