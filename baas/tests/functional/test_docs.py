# SPDX-License-Identifier: Apache-2.0
"""The page of the API, as it is served; how a browser shows it is the matter
of the suite ``browser``."""
import base64
import hashlib
import html.parser
from importlib import resources
import json
import re
import unittest
from urllib import parse

import webob

from baas.api.docs import page
from baas.tests import fixtures

STATIC = resources.files('baas.api.docs').joinpath('static')
OURS = ('page.html', 'page.js', 'page.css')
WHERE = ('/v1/docs', '/v1/docs/')


class _Parts(html.parser.HTMLParser):
    """What a page is made of.

    :ivar links: (tag, its attributes) of all that leads somewhere.
    :ivar inline: all that is script or style in the page itself.
    """

    def __init__(self, text):
        super().__init__()
        self.links, self.inline, self._inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self._inside = tag
        if tag == 'style' or tag == 'base':
            self.inline.append(tag)
        self.inline += [name for name in found
                        if name == 'style' or name.startswith('on')]
        if {'src', 'href', 'action', 'data-document'} & set(found):
            self.links.append((tag, found))

    def handle_data(self, data):
        if self._inside == 'script' and data.strip():
            self.inline.append(data)


class PinTest(unittest.TestCase):

    def setUp(self):
        self.pin = json.loads(STATIC.joinpath('redoc.json').read_text())

    def test_what_is_not_ours_is_what_was_published(self):
        for name, one in self.pin['files'].items():
            with self.subTest(name):
                self.assertEqual(one['sha256'], hashlib.sha256(
                    STATIC.joinpath(name).read_bytes()).hexdigest())

    def test_all_that_is_not_ours_is_pinned(self):
        there = {one.name for one in STATIC.iterdir()}
        self.assertEqual(there, {*OURS, 'redoc.json', *self.pin['files']})

    def test_the_version_is_the_one_that_the_notices_name(self):
        notices = STATIC.joinpath(
            'redoc.standalone.js.LICENSE.txt').read_text()
        self.assertIn(f'Version: "{self.pin["version"]}"', notices)
        self.assertRegex(self.pin['integrity'], '^sha512-[A-Za-z0-9+/]{86}==$')

    def test_all_terms_are_served(self):
        self.assertEqual(set(page.LICENCES), {
            name for name in self.pin['files'] if name.endswith('.txt')})

    def test_our_files_name_no_host(self):
        for name in OURS:
            with self.subTest(name):
                self.assertNotRegex(STATIC.joinpath(name).read_text(),
                                    r'//[A-Za-z0-9]+[.:]|@import|url\(')


class PageTest(unittest.TestCase):
    """Asked by a stranger, of a service that wants passwords."""

    @classmethod
    def setUpClass(cls):
        service = fixtures.BaasFixture()
        service.setUp()
        cls.addClassCleanup(service.cleanUp)
        cls.application = service.application

    def ask(self, path, method='GET', **headers):
        return webob.Request.blank(path, method=method, headers={
            name.replace('_', '-'): value for name, value in headers.items()
        }).get_response(self.application)

    def parts(self, path):
        answer = self.ask(path)
        self.assertEqual((200, 'text/html'),
                         (answer.status_int, answer.content_type))
        return _Parts(answer.text)

    def places(self, path):
        """Give (attributes, path that it leads to) of all links of a page."""
        for _tag, found in self.parts(path).links:
            for name in ('src', 'href', 'data-document'):
                if not found.get(name, 'data:').startswith('data:'):
                    yield found, parse.urljoin(path, found[name])

    def test_all_that_it_needs_is_there_and_is_what_it_asks_for(self):
        for path in WHERE:
            seen = set()
            for found, place in self.places(path):
                with self.subTest(f'{path} {place}'):
                    answer = self.ask(place)
                    self.assertEqual(200, answer.status_int)
                    seen.add(answer.content_type)
                    if 'integrity' in found:
                        digest = hashlib.sha384(answer.body).digest()
                        self.assertEqual(
                            'sha384-' + base64.b64encode(digest).decode(),
                            found['integrity'])
                    else:
                        self.assertEqual('/v1/openapi.json', place)
            self.assertEqual({'text/css', 'text/javascript',
                              'application/json'}, seen)

    def test_its_links_are_relative(self):
        for path in WHERE:
            for _tag, found in self.parts(path).links:
                for name in ('src', 'href', 'data-document'):
                    self.assertRegex(
                        found.get(name, 'docs/x'),
                        r'^(data:,|(docs/|[.][.]/)?[a-z0-9.]+)$')

    def test_it_has_no_script_and_no_style_of_its_own(self):
        self.assertEqual([], self.parts('/v1/docs').inline)

    def test_its_policy_lets_nothing_in_from_elsewhere(self):
        allowed = {"'none'", "'self'", 'data:', 'blob:'}
        policy = self.ask('/v1/docs').headers['Content-Security-Policy']
        found = {}
        for directive in policy.split('; '):
            name, *sources = directive.split()
            found[name] = sources
            self.assertEqual([], [
                source for source in sources if source not in allowed
                and not re.fullmatch("'sha256-[A-Za-z0-9+/]{43}='", source)])
        for name in ('default-src', 'base-uri', 'form-action',
                     'frame-ancestors'):
            self.assertEqual(["'none'"], found[name])
        self.assertEqual(["'self'"], found['script-src'])
        self.assertEqual(["'self'"], found['connect-src'])

    def test_it_lets_two_texts_of_style_in_one_of_which_is_empty(self):
        policy = self.ask('/v1/docs').headers['Content-Security-Policy']
        empty = base64.b64encode(hashlib.sha256(b'').digest()).decode()
        digests = re.findall("'sha256-([^']+)'", policy)
        self.assertEqual((2, 1), (len(digests), digests.count(empty)))

    def test_what_is_known_by_its_digest_is_kept_for_ever(self):
        for found, place in self.places('/v1/docs'):
            answer = self.ask(place)
            if 'integrity' in found:
                self.assertIn('immutable', answer.headers['Cache-Control'])
        self.assertEqual('no-cache',
                         self.ask('/v1/docs').headers['Cache-Control'])

    def test_what_a_browser_has_is_not_sent_again(self):
        for path in ('/v1/docs', *(
                place for found, place in self.places('/v1/docs')
                if 'integrity' in found)):
            with self.subTest(path):
                seen = self.ask(path)
                again = self.ask(path, If_None_Match=seen.headers['ETag'])
                self.assertEqual((304, b''), (again.status_int, again.body))

    def test_head_tells_the_same_without_a_body(self):
        for path in ('/v1/docs', *(
                place for found, place in self.places('/v1/docs')
                if 'integrity' in found)):
            with self.subTest(path):
                whole, head = self.ask(path), self.ask(path, 'HEAD')
                self.assertEqual(200, head.status_int)
                self.assertEqual(b'', head.body)
                for name in ('ETag', 'Content-Type', 'Content-Length',
                             'Content-Security-Policy'):
                    self.assertEqual(whole.headers[name], head.headers[name])

    def test_nothing_can_be_sent_to_it(self):
        for method in ('POST', 'PUT', 'PATCH', 'DELETE'):
            answer = self.ask('/v1/docs', method)
            self.assertEqual((405, 'GET, HEAD'), (answer.status_int,
                                                  answer.headers['Allow']))

    def test_nothing_else_is_open_below_it(self):
        for path in ('/v1/docs/page.html', '/v1/docs/redoc.json',
                     '/v1/docs/../backup', '/v1/docs//', '/v1/docs/%2e%2e/',
                     '/v1/docsx', '/v1/docs/examples.json'):
            self.assertEqual(401, self.ask(path).status_int, path)

    def test_its_terms_can_be_read(self):
        for name in page.LICENCES:
            answer = self.ask(f'/v1/docs/{name}')
            self.assertEqual((200, 'text/plain'),
                             (answer.status_int, answer.content_type))

    def test_the_document_leads_nowhere(self):
        document = self.ask('/v1/openapi.json').json
        for text in self.descriptions(document):
            self.assertNotRegex(text, r'https?://|!\[|\]\(|<[a-z]')

    def descriptions(self, value):
        if isinstance(value, dict):
            for name, one in value.items():
                if name in ('description', 'summary') and isinstance(one, str):
                    yield one
                elif name != 'example':
                    yield from self.descriptions(one)
        elif isinstance(value, list):
            for one in value:
                yield from self.descriptions(one)


class OffTest(unittest.TestCase):

    def test_it_can_be_switched_off(self):
        for auth, status in (('http_basic', 401), ('noauth', 404)):
            with fixtures.BaasFixture(auth=auth, options={
                    ('api', 'docs'): False}) as service:
                answer = webob.Request.blank('/v1/docs').get_response(
                    service.application)
                self.assertEqual(status, answer.status_int)
