# SPDX-License-Identifier: Apache-2.0
"""Reads /v1/docs/simulation as a browser would."""
import datetime
import html.parser
import re
import unittest
from urllib import parse

import webob

from baas.tests import fixtures

URL = '/v1/docs/simulation'
_EMPTY = ('input', 'meta', 'link')


class Page(html.parser.HTMLParser):
    """What the page says.

    :ivar tags: (tag, its attributes) of all of it.
    :ivar fields: the text of each field of the form, by its name.
    :ivar texts: all texts by the id of the innermost element that has one.
    :ivar rows: the cells of each row of its table, a figure in bytes as its
        number.
    :ivar left: the list of sets that are left.
    :ivar style: what is in its style.
    """

    def __init__(self, text):
        super().__init__()
        self.tags, self.fields, self.texts = [], {}, {}
        self.rows, self.left, self.style = [], [], ''
        self._open = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == 'input':
            self.fields[found['name']] = found['value']
        if tag == 'tr':
            self.rows.append([])
        if tag == 'data' and self._in('td'):
            self.rows[-1].append(int(found['value']))
        if tag not in _EMPTY:
            self._open.append((tag, found.get('id')))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open and self._open[-1][0] == tag, (tag, self._open)
        self._open.pop()

    def handle_data(self, data):
        data = data.strip()
        where = next((id for _tag, id in reversed(self._open) if id), None)
        if data:
            self.texts.setdefault(where, []).append(data)
        if self._in('style'):
            self.style += data
        elif data and self._open[-1][0] == 'td':
            self.rows[-1].append(int(data))
        elif data and self._open[-1][0] == 'th' and self._in('tbody'):
            self.rows[-1].append(data)
        elif data and self._open[-1][0] == 'li':
            self.left.append(data)

    def _in(self, tag):
        return any(tag == one for one, _id in self._open)

    def value(self, id):
        """Give the number that an element has (int), None without it."""
        return next((int(found['value']) for _tag, found in self.tags
                     if found.get('id') == id), None)

    def wrong(self):
        """Give what is said beside arguments (dict of str)."""
        return {id.removesuffix('-wrong'): ' '.join(said)
                for id, said in self.texts.items()
                if id and id.endswith('-wrong')}

    def alerts(self):
        """Tell how many things are said to be wrong, wherever."""
        return sum(found.get('role') == 'alert' for _tag, found in self.tags)

    def lines(self):
        """Give the days of each drawing: list of (top of the drawing, height
        of each day of 1000)."""
        found = []
        for tag, one in self.tags:
            if tag == 'path' and one['class'] == 'line':
                heights, height = [], None
                for letter, number in re.findall(
                        '([MHV])(?:0 )?([0-9]+)', one['d']):
                    if letter == 'H':
                        heights += [height] * (int(number) - len(heights))
                    else:
                        height = 1000 - int(number)
                found.append((int(one['data-top']), heights))
        return found


class AskingTest(unittest.TestCase):
    """A test with a service of its own class."""
    auth = 'noauth'

    @classmethod
    def setUpClass(cls):
        service = fixtures.BaasFixture(auth=cls.auth)
        service.setUp()
        cls.addClassCleanup(service.cleanUp)
        cls.application = service.application

    def ask(self, query=(), path=URL, method='GET', headers=None):
        return webob.Request.blank(
            f'{path}?{parse.urlencode(query)}', method=method,
            headers=headers or {}).get_response(self.application)

    def of_one_day(self, ask):
        """Do something again when the day, from which all is counted, has
        become another meanwhile; give what it gives."""
        while True:
            before = datetime.datetime.now(datetime.timezone.utc).date()
            found = ask()
            if datetime.datetime.now(datetime.timezone.utc).date() == before:
                return found

    def page(self, query=(), status=200):
        answer = self.ask(query)
        self.assertEqual((status, 'text/html'),
                         (answer.status_int, answer.content_type))
        return Page(answer.text)
