# SPDX-License-Identifier: Apache-2.0
import select
import unittest

from baas.barrier import member

GIVEN = {'connection': 'local', 'python': '/bin/sh', 'program': '-c'}


class MemberTest(unittest.TestCase):

    def receive(self, *lines):
        one = member.Member('node-0', GIVEN, [])
        self.addCleanup(one.close)
        # What stands for the verb is a script that says the lines.
        one.open(''.join(f"echo '{{\"baas\": {line}}}';" for line in lines),
                 {})
        while one.is_open:
            select.select([one.link], [], [], 10)
            one.receive()
        return one

    def test_a_long_reading_at_rest_is_seen_to_go_on(self):
        quiesced = ('{"verb": "barrier", "state": "running", '
                    '"said": "quiesced", "result": {}}')
        told = self.receive(
            quiesced, '{"verb": "barrier", "state": "running", "said": '
            '"working", "task": "reading", "percent": 50, "bytes_done": 5, '
            '"bytes_total": 10}').told()
        self.assertEqual(('reading', 55, 5, 10), tuple(
            told[key] for key in ('task', 'percent', 'bytes_done',
                                  'bytes_total')))

    def test_the_last_error_of_a_node_replaces_the_first(self):
        one = self.receive(
            '{"verb": "barrier", "state": "error", "said": "failed", '
            '"error": {"cause": "Slow.", "hint": "Wait."}}',
            '{"verb": "barrier", "state": "error", '
            '"error": {"cause": "Slow. Down.", "hint": "Look."}}')
        self.assertEqual({'cause': 'Slow. Down.', 'hint': 'Look.'},
                         one.error)
