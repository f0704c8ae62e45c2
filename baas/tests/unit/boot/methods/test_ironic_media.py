# SPDX-License-Identifier: Apache-2.0
"""What the Bare Metal service says of a CD, or does not."""
import unittest

from baas.boot.ironic import node as ironic_node
from baas.runner import inventory


class _Answer:
    """What the service answers.

    :ivar status_code: of HTTP.
    :ivar text: what it says.
    """

    def __init__(self, status, text='{"error": "x"}'):
        self.status_code, self.text = status, text

    def get(self, path, microversion):
        """Answer, whatever is asked."""
        return self


class MediaTest(unittest.TestCase):

    def media(self, status):
        node = ironic_node.Node({'boot_ironic': None},
                                inventory.Node('a', 'overcloud'), lambda: None)
        node._found = _Answer(status)
        return node.media()

    def test_a_service_too_old_has_no_cd_to_tell_of(self):
        for status in (400, 404, 406):
            self.assertIsNone(self.media(status))

    def test_one_that_fails_is_not_taken_for_one_without_a_cd(self):
        for status, error in (
                (500, ironic_node.Refused), (409, ironic_node.Refused),
                (503, ironic_node.Unavailable), (403, ironic_node.Forbidden)):
            with self.assertRaises(error):
                self.media(status)
