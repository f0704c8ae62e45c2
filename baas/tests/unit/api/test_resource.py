# SPDX-License-Identifier: Apache-2.0
import unittest

from wsme import types

from baas.api import resource


class OrderTest(unittest.TestCase):

    def test_fields_are_shown_in_their_order_and_those_of_the_base_last(self):
        class Base(types.Base):
            lower = resource.field(str, 'B.')
            above = resource.field(str, 'A.')

        class Derived(Base):
            newer = resource.field(str, 'N.')
            above = resource.field(int, 'Another A.')

        class Empty(Derived):
            pass

        for kind, wanted in ((Base, ['lower', 'above']),
                             (Derived, ['newer', 'above', 'lower']),
                             (Empty, ['newer', 'above', 'lower'])):
            self.assertEqual(wanted, [
                one.key for one in types.list_attributes(kind)])


if __name__ == '__main__':
    unittest.main()
