# SPDX-License-Identifier: Apache-2.0
import unittest

from wsme import types as wsme_types

from baas.api.v1 import backup
from baas.db import models
from baas.jobs import measured
from baas.jobs import outage

COLUMNS = models.Backup.__table__.c
ALL = {**measured.PAYLOAD, **measured.OUTAGE}


class TestMeasured(unittest.TestCase):

    def test_each_is_a_column_that_nobody_knows_at_first(self):
        for name in ALL:
            with self.subTest(name):
                self.assertTrue(COLUMNS[name].nullable)

    def test_each_is_shown(self):
        shown = {field.name
                 for field in wsme_types.list_attributes(backup.Backup)}
        self.assertEqual(set(), set(ALL) - shown)

    def test_without_an_outage_all_of_it_is_said_as_well(self):
        self.assertEqual(set(measured.OUTAGE), set(outage.NONE))
        self.assertEqual(set(measured.OUTAGE), set(outage.of_node(
            {'resume': {'outage': 1.0, 'services': {}}}, True)))
