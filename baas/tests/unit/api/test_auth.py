# SPDX-License-Identifier: Apache-2.0
import base64
import os
import pathlib
import tempfile
import types
import unittest

import bcrypt

from baas.api import auth
from baas import errors


class BasicTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / 'htpasswd'
        self.seen = []

    def build(self):
        conf = types.SimpleNamespace(api=types.SimpleNamespace(
            http_basic_auth_user_file=str(self.path)))
        return auth.Basic(
            lambda environ, _start: self.seen.append(environ), conf)

    def write(self, **users):
        lines = [f'{user}:{self.crypted(word)}' for user, word
                 in users.items()]
        self.path.write_text('\n'.join(lines) + '\n')

    def crypted(self, password):
        return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()

    def ask(self, basic, user, password, **headers):
        token = base64.b64encode(f'{user}:{password}'.encode()).decode()
        basic({'HTTP_AUTHORIZATION': f'Basic {token}', **headers}, None)
        return self.seen[-1]

    def refused(self, basic, user, password):
        with self.assertRaises(auth.Unauthorized):
            self.ask(basic, user, password)

    def test_the_right_password_makes_an_administrator(self):
        self.write(eve='right')
        environ = self.ask(self.build(), 'eve', 'right')
        self.assertEqual('eve', environ['HTTP_X_USER_ID'])
        self.assertEqual('admin,member,reader', environ['HTTP_X_ROLES'])

    def test_a_wrong_password_is_refused_after_the_right_one(self):
        self.write(eve='right')
        basic = self.build()
        self.ask(basic, 'eve', 'right')
        self.refused(basic, 'eve', 'wrong')

    def test_the_password_of_another_user_is_refused(self):
        self.write(eve='right', bob='other')
        basic = self.build()
        self.ask(basic, 'eve', 'right')
        self.refused(basic, 'bob', 'right')
        self.refused(basic, 'nobody', 'right')

    def test_a_changed_password_counts_at_once(self):
        self.write(eve='old')
        basic = self.build()
        self.ask(basic, 'eve', 'old')
        self.write(eve='new')
        os.utime(self.path, ns=(1, 1))
        self.refused(basic, 'eve', 'old')
        self.ask(basic, 'eve', 'new')

    def test_a_removed_user_is_refused_at_once(self):
        self.write(eve='right', bob='other')
        basic = self.build()
        self.ask(basic, 'eve', 'right')
        self.write(bob='other')
        self.refused(basic, 'eve', 'right')

    def test_what_is_remembered_of_passwords_stays_small(self):
        self.write(eve='right', bob='other', joe='third')
        basic = self.build()
        basic.REMEMBERED = 2
        for _time in range(2):
            for user, word in (('eve', 'right'), ('bob', 'other'),
                               ('joe', 'third')):
                self.ask(basic, user, word)
                self.refused(basic, user, 'wrong')
                self.assertLessEqual(len(basic._proven), 2)

    def test_a_password_longer_than_bcrypt_reads_is_refused(self):
        self.write(eve='a' * 72)
        self.refused(self.build(), 'eve', 'a' * 73)

    def test_nobody_comes_in_where_there_are_no_users(self):
        self.path.write_text('')
        self.refused(self.build(), '', '')

    def test_what_the_caller_claims_to_be_is_forgotten(self):
        self.write(eve='right')
        environ = self.ask(self.build(), 'eve', 'right',
                           HTTP_X_PROJECT_ID='p', HTTP_X_USER='bob',
                           HTTP_OPENSTACK_SYSTEM_SCOPE='all')
        self.assertNotIn('HTTP_X_PROJECT_ID', environ)
        self.assertNotIn('HTTP_X_USER', environ)
        self.assertNotIn('HTTP_OPENSTACK_SYSTEM_SCOPE', environ)

    def test_a_missing_file_ends_the_start(self):
        with self.assertRaises(errors.ConfigurationError) as caught:
            self.build()
        self.assertIn(f'htpasswd -Bc {self.path} admin',
                      caught.exception.hint)

    def test_a_password_that_is_not_bcrypt_ends_the_start(self):
        self.path.write_text('eve:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\n')
        with self.assertRaises(errors.ConfigurationError) as caught:
            self.build()
        # It may have other users: -c would empty it.
        self.assertIn(f'htpasswd -B {self.path} admin', caught.exception.hint)
