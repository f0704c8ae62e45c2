# SPDX-License-Identifier: Apache-2.0
"""What every kind of payload has to measure."""


class MeasuredContract:
    """Beside :class:`contract.PayloadContract`."""

    def test_what_is_new_is_told_as_it_was_before_it_was_compressed(self):
        self.write('node/srv/dull', 'dull\n' * (1 << 20))
        captured = self.backup()
        self.assertGreater(captured['added_bytes'], 5 << 20)
        self.assertLess(captured['stored_bytes'],
                        captured['added_bytes'] // 2)
