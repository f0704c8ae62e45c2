# SPDX-License-Identifier: Apache-2.0
"""What is changed while somebody else is about to."""
import contextlib
import sqlite3
import threading
import time
import unittest

import webob

from baas.api import microversion
from baas.tests import fixtures


class MeanwhileTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.service = fixtures.BaasFixture(auth='noauth')
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)
        self.paths = {
            'schedules': f'/v1/schedule/{fixtures.add_schedule()}',
            'cleanups': f'/v1/cleanup/{fixtures.add_cleanup()}'}

    def ask(self, method, path, body=None, **headers):
        request = webob.Request.blank(path, method=method, headers={
            microversion.HEADER: microversion.value('latest'), **headers})
        if body is not None:
            request.json_body = body
            request.content_type = 'application/json'
        return request.get_response(self.service.application)

    def overtaken(self, table, method, body=None):
        """Ask for a change, and make another one before it is written."""
        path, answers = self.paths[table], []
        revision = self.ask('GET', path).json['revision']
        asking = threading.Thread(target=lambda: answers.append(self.ask(
            method, path, body, **{'If-Match': f'"{revision}"'})))
        with contextlib.closing(sqlite3.connect(
                self.service.folder / 'baas.sqlite',
                isolation_level=None)) as other:
            other.execute('BEGIN IMMEDIATE')
            asking.start()
            time.sleep(1)  # it has read, and its write waits
            other.execute(f"UPDATE {table} SET name = 'first', "
                          'revision = revision + 1')
            other.execute('COMMIT')
        asking.join()
        [answer] = answers
        self.assertEqual(412, answer.status_int, answer.text)
        left = self.ask('GET', path).json
        self.assertEqual(('first', revision + 1),
                         (left['name'], left['revision']))

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self):
        for table in self.paths:
            with self.subTest(table):
                self.overtaken(table, 'PATCH', {'name': 'second'})

    def test_what_was_changed_meanwhile_is_not_deleted(self):
        for table in self.paths:
            with self.subTest(table):
                self.overtaken(table, 'DELETE')
