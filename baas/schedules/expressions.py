# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a cron expression, in words."""
import datetime
import re

import cronsim

_START = datetime.datetime(2023, 1, 1)
_FIELDS = ('minute', 'hour', 'day of the month', 'month', 'day of the week')
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES = {3: ', or a name such as jan', 4: ', or a name such as mon'}
_NICKNAMES = {'@hourly': '0 * * * *', '@daily': '0 0 * * *',
              '@midnight': '0 0 * * *', '@weekly': '0 0 * * 0',
              '@monthly': '0 0 1 * *', '@yearly': '0 0 1 1 *',
              '@annually': '0 0 1 1 *'}
_LONGEST = 20


def parse(cron):
    """Read an expression.

    :param cron: five fields, as crontab(5) has them.
    :returns: :class:`cronsim.CronSim` of a time without a zone.
    :raises ValueError: with the reason, a half sentence.
    """
    fields = cron.split()
    nickname = _NICKNAMES.get(cron.strip().lower())
    if nickname:
        raise ValueError(f'must have five fields; write "{nickname}" for '
                         f'{cron.strip()}')
    if len(fields) != len(_FIELDS):
        raise ValueError(f'must have five fields: {", ".join(_FIELDS)}')
    for number, field in enumerate(fields):
        if not all(field.split(',')):
            raise ValueError(f'the {_FIELDS[number]} {_shown(field)} has a '
                             'comma with nothing on one side')
        for term in field.split(','):
            reason = (_reason(number, term) if not _is_read(number, term)
                      else _too_far(number, term))
            if reason:
                raise ValueError(f'the {_FIELDS[number]} {_shown(term)} '
                                 f'{reason}')
    never = ValueError('names a day that never comes')
    try:
        rule = cronsim.CronSim(cron, _START)
    except cronsim.CronSimError:  # each field by itself is right
        raise never from None
    if next(cronsim.CronSim(cron, _START), None) is None:
        raise never
    return rule


def _is_read(number, term):
    fields = ['*'] * len(_FIELDS)
    fields[number] = term
    try:
        cronsim.CronSim(' '.join(fields), _START)
    # It fails in other ways, too, on what it does not expect.
    except (cronsim.CronSimError, AssertionError, ValueError):
        return False
    return True


def _reason(number, term):
    least, most = _BOUNDS[number]
    begin, dash, end = term.partition('-')
    if '?' in term:
        return 'is of other crons: write *'
    if re.fullmatch('[0-9]+W', term.upper()) or term.upper().startswith('L-'):
        return ('is of other crons: of days that are counted from the end '
                'there are L and LW')
    if re.fullmatch('.+/0+', term):
        return 'has a step of 0'
    if dash and begin.isalnum() and _is_read(number, begin) and _is_read(
            number, end):
        return 'ends before it begins: name it in two parts, with a comma'
    return (f'cannot be read: it takes {least} to {most}'
            f'{_NAMES.get(number, "")}, *, lists, ranges and steps')


def _too_far(number, term):
    """Say what is wrong with a step beyond the whole field, which would be
    no step at all; '' when nothing is."""
    least, most = _BOUNDS[number]
    _, slash, step = term.partition('/')
    if slash and int(step) > most - least + 1:
        return f'has a step of more than {most - least + 1}'
    return ''


def _shown(term):
    return ascii(term if len(term) <= _LONGEST
                 else term[:_LONGEST] + '...').replace("'", '"')
