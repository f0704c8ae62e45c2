# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.schedules import expressions


class ExpressionsTest(unittest.TestCase):

    def test_each_is_told_what_is_wrong_with_it_and_nothing_else(self):
        for cron, reason in (
                ('60 * * * *', 'the minute "60" cannot be read: it takes 0 '
                 'to 59, *, lists, ranges and steps'),
                ('0 1,24 * * *', 'the hour "24" cannot be read: it takes 0 '
                 'to 23, *, lists, ranges and steps'),
                ('0 0 * foo *', 'the month "foo" cannot be read: it takes 1 '
                 'to 12, or a name such as jan, *, lists, ranges and steps'),
                ('0 0 L-3 * *', 'the day of the month "L-3" is of other '
                 'crons: of days that are counted from the end there are L '
                 'and LW'),
                ('0 0 15W * *', 'the day of the month "15W" is of other '
                 'crons: of days that are counted from the end there are L '
                 'and LW'),
                ('0 0 ? * *', 'the day of the month "?" is of other crons: '
                 'write *'),
                ('0 0 * * fri-mon', 'the day of the week "fri-mon" ends '
                 'before it begins: name it in two parts, with a comma'),
                ('*/0 * * * *', 'the minute "*/0" has a step of 0'),
                ('1,,2 * * * *', 'the minute "1,,2" has a comma with '
                 'nothing on one side'),
                ('0 ,1 * * *', 'the hour ",1" has a comma with nothing on '
                 'one side'),
                ('0 0 * * 1,', 'the day of the week "1," has a comma with '
                 'nothing on one side'),
                ('@daily', 'must have five fields; write "0 0 * * *" for '
                 '@daily'),
                ('0 0 * *', 'must have five fields: minute, hour, day of '
                 'the month, month, day of the week'),
                ('0 0 31 2 *', 'names a day that never comes'),
                ('0 0 31 4,6 *', 'names a day that never comes'),
                ('9' * 50 + ' * * * *', 'the minute "' + '9' * 20 + '..." '
                 'cannot be read: it takes 0 to 59, *, lists, ranges and '
                 'steps')):
            with self.subTest(cron), self.assertRaises(ValueError) as caught:
                expressions.parse(cron)
            self.assertEqual(reason, str(caught.exception))

    def test_a_step_that_leads_out_of_its_field_is_none(self):
        for cron, reason in (
                ('*/61 * * * *', 'the minute "*/61" has a step of more than '
                 '60'),
                ('1,1-9/61 * * * *', 'the minute "1-9/61" has a step of more '
                 'than 60'),
                ('0 0 1-31/32 * *', 'the day of the month "1-31/32" has a '
                 'step of more than 31')):
            with self.subTest(cron), self.assertRaises(ValueError) as caught:
                expressions.parse(cron)
            self.assertEqual(reason, str(caught.exception))
        for cron in ('*/60 * * * *', '0 */24 * * *', '0 0 * */12 *'):
            expressions.parse(cron)
