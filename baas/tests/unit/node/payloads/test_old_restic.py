# SPDX-License-Identifier: Apache-2.0
"""A restic that does not say why it ended, as a program that answers so."""
import contextlib
import os

from baas.node import errors
from baas.node.payloads import restic_cli
from baas.tests.unit.node import base

_STUB = """#!/bin/sh
case $1 in
version) echo 'restic %s compiled with go1.22 on linux/amd64' ;;
init) touch %s ;;
*) echo 'Fatal: unable to open config file' >&2; exit %d ;;
esac
"""


class OldResticTest(base.NodeTest):

    def stub(self, version, status):
        """Bring a restic that can open no repository."""
        self.write('state/bin/restic', _STUB % (
            version, self.path('made'), status))
        os.chmod(self.path('state/bin/restic'), 0o755)

    def prepared(self):
        """Open or make the repository."""
        return restic_cli.prepare(self.asked(
            'prepare', repository=self.path('repository')))

    def test_one_from_before_there_were_reasons_is_refused(self):
        for version in ('0.16.5', '0.9.6'):
            self.stub(version, 1)
            with self.assertRaises(errors.NodeError) as caught:
                restic_cli.require()
            self.assertIn('There is restic %s on this node, and 0.17 or newer'
                          % version, caught.exception.cause)
            self.assertTrue(caught.exception.hint)
        for version in ('0.17.0', '0.18.1', '1.0.0'):
            self.stub(version, 1)
            self.assertEqual(version, restic_cli.require())

    def test_a_failure_without_a_reason_is_not_taken_for_absence(self):
        self.stub('0.17.0', 1)
        with self.assertRaises(errors.NodeError) as caught:
            self.prepared()
        self.assertIn('exit status 1', caught.exception.cause)
        self.assertFalse(os.path.exists(self.path('made')))

    def test_only_a_repository_that_is_not_there_is_made(self):
        self.stub('0.17.0', 10)
        self.assertTrue(self.prepared())
        self.assertTrue(os.path.exists(self.path('made')))
        for status in (11, 12):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path('made'))
            self.stub('0.17.0', status)
            with self.assertRaises(errors.NodeError):
                self.prepared()
            self.assertFalse(os.path.exists(self.path('made')))
