# SPDX-License-Identifier: Apache-2.0
"""Answers that are kept for a while and read once for many."""
import threading
import unittest

from baas import errors
from baas.runner import latest


class LatestTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 0
        self.latest = latest.Latest('thing', 20, 0.3, lambda: self.now)
        self.values, self.go = [], threading.Event()
        self.go.set()
        self.addCleanup(self.go.set)

    def read(self):
        self.go.wait(10)
        value = self.values.pop(0)
        if isinstance(value, Exception):
            raise value
        return value

    def get(self, key='key'):
        return self.latest.get(key, self.read)

    def test_what_is_young_is_not_read_again(self):
        self.values = [1, 2]
        self.assertEqual([1, 1], [self.get(), self.get()])
        self.now = 19
        self.assertEqual(1, self.get())
        self.now = 20
        self.assertEqual(2, self.get())

    def test_another_key_is_not_answered_with_what_was_read_before(self):
        self.values = [1, 2]
        self.assertEqual([1, 2], [self.get(), self.get('other')])

    def test_many_who_ask_at_once_read_once(self):
        self.values, found = [1, 2], []
        self.go.clear()
        threads = [threading.Thread(target=lambda: found.append(self.get()))
                   for _ in range(5)]
        for thread in threads:
            thread.start()
        self.go.set()
        for thread in threads:
            thread.join()
        self.assertEqual([1] * 5, found)

    def test_an_error_that_comes_at_once_is_not_kept(self):
        self.values = [errors.NotFound(noun='x', id='y'), 2]
        with self.assertRaises(errors.NotFound):
            self.get()
        self.assertEqual(2, self.get())

    def test_an_error_after_the_old_was_served_is_told(self):
        self.values = [1, errors.NotFound(noun='x', id='y'), 3]
        self.get()
        self.now = 20
        self.go.clear()
        self.assertEqual(1, self.get())
        self.now = 21
        self.go.set()
        for thread in threading.enumerate():
            if thread.name == 'read-thing':
                thread.join()
        with self.assertRaises(errors.NotFound):
            self.get()
        self.now = 41
        self.assertEqual(3, self.get())
