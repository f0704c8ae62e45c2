# SPDX-License-Identifier: Apache-2.0
"""The page of the simulation: its figures and its errors."""
import itertools

import hypothesis
from hypothesis import strategies as st

from baas.api.simulation import arguments
from baas.api.simulation import figures
from baas.tests.functional import page_of_simulation as reading

NAMES = list(arguments.CALL.about)
NEWEST = {'OpenStack-API-Version': 'control-plane-backup latest'}


def some(*values):
    """Give a strategy of one of these as text, or nothing."""
    return st.none() | st.sampled_from(values).map(str)


ASKED = st.fixed_dictionaries({
    'days': st.integers(1, 150).map(str),
    'cron': some('0 2 * * *', '30 */6 * * 1-5', '0 4 1 * *', '0 0 29 2 *'),
    'timezone': some('UTC', 'Europe/Berlin', 'Pacific/Apia'),
    'size_bytes': some(0, 1, 10 ** 6, 10 ** 15, 536870912000),
    'change_bytes': some(0, 1, 5 * 10 ** 5), 'minimum': some(1, 3),
    'keep_within': some(0, '12h', '30d'),
    **{name: some(0, 1, 5, 100) for name in NAMES
       if name.startswith('keep_') and name != 'keep_within'}})


class FiguresTest(reading.AskingTest):

    @hypothesis.settings(max_examples=40, deadline=None, derandomize=True)
    @hypothesis.given(asked=ASKED)
    def test_it_says_the_same_numbers_as_the_api(self, asked):
        asked = {name: value for name, value in asked.items()
                 if value is not None}
        answer, shown = self.of_one_day(lambda: (
            self.ask(asked, '/v1/cleanup/simulation', headers=NEWEST),
            self.ask(asked)))
        self.assertEqual(answer.status_int, shown.status_int)
        page = reading.Page(shown.text)
        if answer.status_int != 200:
            self.assertEqual(1, page.alerts())
            return
        for name in ('most_sets', 'most_stored_bytes'):
            self.assertEqual(answer.json[name], page.value(name))
        self.assertEqual([one[:16].replace('T', ' ')
                          for one in answer.json['left']], page.left)
        self.table(answer.json['days'], page.rows[1:])
        self.drawings(answer.json['days'], page)

    def table(self, days, rows):
        expected = []
        for month, some_days in itertools.groupby(
                days, lambda day: day['date'][:7]):
            some_days = list(some_days)
            row = [month, sum(day['taken'] for day in some_days),
                   sum(day['removed'] for day in some_days)]
            for name in ('sets', 'stored_bytes'):
                found = [day[name] for day in some_days]
                if found[0] is not None:
                    row += [found[-1], max(found)]
            expected.append(row)
        self.assertEqual(expected, rows)

    def drawings(self, days, page):
        names = ['sets', 'stored_bytes'][:2 if days[0]['stored_bytes']
                                         is not None else 1]
        self.assertEqual(len(names), len(page.lines()))
        for name, (top, heights) in zip(names, page.lines()):
            self.assertEqual(len(days), len(heights))
            self.assertIn(figures.size(top) if name == 'stored_bytes'
                          else str(top), page.texts[f'chart-{name}'])
            for day, height in zip(days, heights):
                self.assertAlmostEqual(day[name] * 1000 / top, height,
                                       delta=0.51)

    def test_what_is_drawn_uses_its_room(self):
        for size in (1, 900, 1023, 1024, 1025, 3 << 20, 999 << 30, 1 << 49):
            (_top, heights) = self.page({'size_bytes': size, 'days': 3,
                                         'keep_last': 1}).lines()[1]
            self.assertTrue(500 <= max(heights) <= 1000, size)

    def test_it_begins_with_the_usual_policy(self):
        page, again = self.of_one_day(lambda: (
            self.page(), self.page(self.page().fields)))
        self.assertEqual(
            ('0 2 * * *', 'UTC', '365', '1', '7', '4', '12', ''),
            tuple(page.fields[name] for name in (
                'cron', 'timezone', 'days', 'minimum', 'keep_daily',
                'keep_weekly', 'keep_monthly', 'keep_yearly')))
        # What it shows, sent as it is, changes nothing.
        self.assertEqual(page.rows, again.rows)

    def test_every_argument_of_the_call_has_a_field(self):
        self.assertEqual({one.name for one in
                          arguments.CALL.definition.arguments},
                         set(self.page().fields))

    def test_sizes_may_have_units(self):
        sizes = ((500 << 30, 5 << 20), ('500G', '5M'), ('500 GiB', ' 5120K '))
        plain, *others = self.of_one_day(lambda: [
            self.page({'size_bytes': size, 'change_bytes': change})
            for size, change in sizes])
        for page, (size, _change) in zip(others, sizes[1:]):
            self.assertEqual(plain.rows, page.rows)
            self.assertEqual(size, page.fields['size_bytes'])
        for wrong in ('500g', '500GB', '5.5G', '2000T', '1P', '-1', '٣G'):
            page = self.page({'size_bytes': wrong}, 400)
            self.assertEqual(['size_bytes'], list(page.wrong()), wrong)

    def test_a_page_to_keep_has_no_form_and_says_what_it_is_of(self):
        page = self.page({'form': 'no', 'size_bytes': '7T', 'keep_last': '9'})
        self.assertEqual(({}, []), (page.fields, [
            tag for tag, _found in page.tags if tag in ('form', 'button')]))
        said = ' '.join(itertools.chain(*page.texts.values()))
        self.assertIn('size_bytes 7T (7.0 TiB) ', said)
        self.assertIn('keep_last 9', said)
        self.assertNotIn('keep_daily', said)
        self.page({'form': 'maybe'}, 400)


class ErrorsTest(reading.AskingTest):

    def test_each_error_is_beside_its_argument(self):
        page = self.page({'days': '0', 'minimum': 'x', 'keep_within': '3',
                          'timezone': ' Mars/Base ', 'cron': '0 25 * * *',
                          'size_bytes': '1', 'change_bytes': '11'}, 400)
        self.assertEqual({'days', 'minimum', 'keep_within', 'timezone',
                          'cron', 'change_bytes'}, set(page.wrong()))
        self.assertEqual('days must be a whole number from 1 to 731.',
                         page.wrong()['days'])
        self.assertEqual(('0', 'Mars/Base'), (page.fields['days'],
                                              page.fields['timezone']))
        for name, value, words in (
                ('timezone', 'Mars/Base', 'timezone '),
                ('cron', '* * * * *', 'cron takes more than 10000 sets.'),
                ('change_bytes', '11', 'change_bytes needs size_bytes')):
            said = self.page({name: value}, 400).wrong()
            self.assertEqual([name], list(said))
            self.assertIn(words, said[name])

    def test_what_follows_from_another_error_is_not_told(self):
        page = self.page({'size_bytes': 'x', 'change_bytes': '11'}, 400)
        self.assertEqual(['size_bytes'], list(page.wrong()))
        page = self.page({'keep_daily': '0', 'minimum': 'x'}, 400)
        self.assertEqual((['minimum'], 1), (list(page.wrong()),
                                            page.alerts()))

    def test_an_error_leads_to_its_field(self):
        page = self.page({'days': '0'}, 400)
        self.assertEqual([('days', 'days-about days-wrong', 'true')], [
            (found['id'], found['aria-describedby'], found['aria-invalid'])
            for tag, found in page.tags if 'aria-invalid' in found])

    def test_what_has_no_field_is_said_above_all(self):
        page = self.page({'keep_daily': '0'}, 400)
        self.assertIn('The policy would keep no set but the minimum.',
                      ' '.join(page.texts[None]))
        page = self.page({'keep_dayly': '3'}, 400)
        self.assertIn('Argument keep_dayly: is not known here.',
                      page.texts[None])
        page = self.page([('days', '3'), ('days', '4')], 400)
        self.assertEqual({'days': 'days is given twice.'}, page.wrong())

    def test_an_error_shows_no_figures(self):
        page = self.page({'days': '0'}, 400)
        self.assertEqual(([], [], []),
                         (page.rows, page.left, page.lines()))

    def test_what_is_empty_is_not_given(self):
        without, empty = self.of_one_day(lambda: (
            self.page(), self.page(dict.fromkeys(NAMES, ''))))
        self.assertEqual(without.rows, empty.rows)
