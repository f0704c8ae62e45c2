# SPDX-License-Identifier: Apache-2.0
"""The page of the simulation: who gets it, and what gets in."""
import base64
import hashlib
import itertools
import logging
import re
import unittest

import webob

from baas.api.simulation import arguments
from baas.db import session
from baas.tests import fixtures
from baas.tests.functional import page_of_simulation as reading

HOSTILE = ('"><script>alert(1)</script>', "'><svg/onload=alert(1)>",
           '</style><style>*{display:none}', '{{ 7 * 7 }}', '{% raw %}',
           '" onfocus="alert(1)" autofocus="', '&quot;&#34;&lt;b&gt;', '-->',
           'javascript:alert(1)', '\u202e\u0130\U0001f4be', '9' * 400)
NAMES = list(arguments.CALL.about)


class HostileTest(reading.AskingTest):

    def shape(self, page):
        """Give what a page is made of, whatever it says."""
        return [(tag, sorted(found)) for tag, found in page.tags]

    def test_no_value_is_anything_but_text(self):
        for form, name in itertools.product(('yes', 'no'), NAMES):
            wrong = self.page({'form': form, name: 'x' * 500}, 400)
            for value in HOSTILE:
                with self.subTest(name=name, value=value, form=form):
                    page = self.page({'form': form, name: value}, 400)
                    self.assertEqual(self.shape(wrong), self.shape(page))
                    self.assertEqual([name], list(page.wrong()))
                    if form == 'yes':
                        self.assertEqual(value, page.fields[name])

    def test_nor_is_any_name(self):
        wrong = self.page({'x': '1'}, 400)
        for value in HOSTILE:
            page = self.page({value: '1'}, 400)
            self.assertEqual(self.shape(wrong), self.shape(page))
            self.assertIn(f'Argument {value}: is not known here.',
                          page.texts[None])

    def test_what_no_url_may_have_is_refused_as_everywhere(self):
        for query in ('cron=%00', 'cron=%ff', 'cron=%0d%0aX', 'a' * 9000):
            answer = webob.Request.blank(
                f'{reading.URL}?{query}').get_response(self.application)
            self.assertEqual('application/json', answer.content_type)
            self.assertIn(answer.status_int, (400, 414))


class BrowserTest(reading.AskingTest):
    """What a browser is let do."""

    def test_it_may_show_one_style_and_nothing_else(self):
        for query, status in (({}, 200), ({'days': '0'}, 400)):
            answer = self.ask(query)
            self.assertEqual(status, answer.status_int)
            page = reading.Page(answer.text)
            style = re.search('<style>(.*?)</style>', answer.text, re.S)[1]
            digest = base64.b64encode(hashlib.sha256(
                style.encode()).digest()).decode()
            within = next(found['content'] for tag, found in page.tags
                          if found.get('http-equiv'))
            self.assertEqual(
                f"default-src 'none'; style-src 'sha256-{digest}'; "
                "img-src data:; base-uri 'none'", within)
            self.assertEqual(
                f"{within}; form-action 'self'; frame-ancestors 'none'",
                answer.headers['Content-Security-Policy'])
            self.assertEqual('no-store', answer.headers['Cache-Control'])
            self.assertEqual('nosniff',
                             answer.headers['X-Content-Type-Options'])

    def test_it_needs_nothing_from_anywhere(self):
        page = self.page({'size_bytes': '1T'})
        self.assertNotIn('script', {tag for tag, _found in page.tags})
        self.assertNotRegex(page.style, r'//|@import|url\(')
        for _tag, found in page.tags:
            self.assertEqual('data:,', found.get('href', 'data:,'))
            self.assertFalse({'src', 'action', 'style', 'srcset'}
                             & set(found))
            self.assertFalse([name for name in found
                              if name.startswith('on')])

    def test_it_is_asked_for_and_nothing_is_sent(self):
        for method in ('POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'):
            answer = self.ask(method=method)
            self.assertEqual((405, 'GET, HEAD'), (
                answer.status_int, answer.headers['Allow']))
        whole, head = self.of_one_day(lambda: (
            self.ask(), self.ask(method='HEAD')))
        self.assertEqual((200, b''), (head.status_int, head.body))
        self.assertEqual(whole.headers['Content-Length'],
                         head.headers['Content-Length'])

    def test_other_sites_may_lead_there_but_not_fetch_it(self):
        for site, kind, status in (
                ('cross-site', 'image', 403), ('cross-site', 'iframe', 403),
                ('same-site', 'empty', 403), ('cross-site', 'document', 200),
                ('none', 'document', 200), ('same-origin', 'empty', 200)):
            self.assertEqual(status, self.ask(headers={
                'Sec-Fetch-Site': site, 'Sec-Fetch-Dest': kind}).status_int)

    def test_a_slash_at_the_end_makes_no_difference(self):
        plain, slash = self.of_one_day(lambda: (
            self.ask(), self.ask(path=f'{reading.URL}/')))
        self.assertEqual(plain.body, slash.body)
        for path in (f'{reading.URL}//', f'{reading.URL}/page.html',
                     f'{reading.URL}/page.css', f'{reading.URL}x'):
            self.assertEqual(404, self.ask(path=path).status_int, path)


class StrangersTest(reading.AskingTest):
    """Asked of a service that wants passwords."""
    auth = 'http_basic'

    def test_they_are_asked_for_a_password_and_cost_nothing(self):
        # Nothing of the arguments is read: they are wrong.
        for query in ({}, {'days': '0'}, {'x': '1'}):
            answer = self.ask(query)
            self.assertEqual((401, 'application/json'), (
                answer.status_int, answer.content_type))
            self.assertIn('Basic ', answer.headers['WWW-Authenticate'])

    def test_who_has_one_sees_it(self):
        password = base64.b64encode(
            f'{fixtures.USER}:{fixtures.PASSWORD}'.encode()).decode()
        answer = self.ask(headers={'Authorization': f'Basic {password}'})
        self.assertEqual((200, 'text/html'), (answer.status_int,
                                              answer.content_type))


class RulesTest(reading.AskingTest):

    def test_who_may_not_simulate_learns_nothing(self):
        for query in ({}, {'days': '0'}):
            answer = self.ask(query, headers={'X-Roles': 'reader'})
            self.assertEqual(403, answer.status_int)
            self.assertIn('baas:cleanup:preview', answer.text)


class AloneTest(unittest.TestCase):
    """Each of a service of its own."""

    def setUp(self):
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def test_it_is_gone_with_the_other_page(self):
        with fixtures.BaasFixture(auth='noauth', options={
                ('api', 'docs'): False}) as service:
            answer = webob.Request.blank(reading.URL).get_response(
                service.application)
            self.assertEqual(404, answer.status_int)

    def test_a_fault_of_the_service_is_no_page(self):
        with fixtures.BaasFixture(auth='noauth') as service:
            session.engine().dispose()
            (service.folder / 'baas.sqlite').unlink()
            (service.folder / 'baas.sqlite').mkdir()
            answer = webob.Request.blank(reading.URL).get_response(
                service.application)
            self.assertEqual((503, 'application/json'), (
                answer.status_int, answer.content_type))
