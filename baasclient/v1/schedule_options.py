# SPDX-License-Identifier: Apache-2.0
"""What the commands of schedules take."""
import sys

from osc_lib import exceptions

from baasclient import command

_LONG = 8192
"""Bytes that the file of an address does not have."""
CRON = ('Minute, hour, day of the month, month, day of the week, '
        'e.g. "0 1 * * *" for one o\'clock each night')
_OPTIONS = ('target', 'cron', 'name', 'timezone', 'stopall',
            'window_minutes', 'jitter_seconds', 'missed', 'grace_minutes',
            'may_overlap', 'then', 'enabled')


def add_which(parser, **options):
    """Add the argument that says which schedule is meant."""
    parser.add_argument('schedule', metavar='<schedule>',
                        help='Id of a schedule, or its name when no other '
                             'has it', **options)


def add_times(parser):
    """Add the options of what is done by itself and need not be."""
    parser.add_argument('--cron', metavar='<cron>',
                        help="When to do it by itself (never, without or ''): "
                        + CRON[0].lower() + CRON[1:])
    _add_run_options(parser)
    _add_enabled(parser)


def add(parser):
    """Add what can be said of a schedule that is made or changed."""
    parser.add_argument('--name', metavar='<name>',
                        help="What to call it and its backups; '' for no name")
    parser.add_argument('--timezone', metavar='<zone>',
                        help='Time zone of its times, e.g. Europe/Berlin '
                             '(new ones: UTC)')
    _add_choice(parser, 'stopall',
                ('--stop-all', 'Quiesce all services for some seconds'),
                ('--no-stop-all', 'Leave them running (new ones: so)'))
    _add_run_options(parser)
    parser.add_argument('--grace', metavar='<minutes>', type=command.whole,
                        dest='grace_minutes',
                        help='How long after the window of a run a good set '
                             'may be awaited, before the schedule is overdue '
                             '(new ones: 180)')
    _add_choice(parser, 'may_overlap',
                ('--may-overlap', 'Let its windows overlap with those of '
                                  'other schedules of the target'),
                ('--no-overlap', 'Refuse that (new ones: so)'))
    _add_then(parser)
    _add_ping(parser)
    _add_enabled(parser)


def _add_run_options(parser):
    parser.add_argument('--window', metavar='<minutes>', type=command.whole,
                        dest='window_minutes',
                        help='How long after its time a run may still begin '
                             '(new ones: 60, or less if they come more '
                             'often)')
    parser.add_argument('--jitter', metavar='<seconds>', type=command.whole,
                        dest='jitter_seconds',
                        help='Begin up to that much later, always by the '
                             'same time (new ones: 0)')
    parser.add_argument('--missed', metavar='<how>',
                        choices=('once', 'skip'),
                        help='What becomes of runs that nobody could begin: '
                             'once catches the newest up, skip none (new '
                             'ones: once)')


def _add_enabled(parser):
    _add_choice(parser, 'enabled',
                ('--enable', 'Let it have runs (new ones: so)'),
                ('--disable', 'Let it have none for now'))


def _add_choice(parser, name, yes, no):
    group = parser.add_mutually_exclusive_group()
    for (option, meaning), value in ((yes, True), (no, False)):
        group.add_argument(option, dest=name, action='store_const',
                           const=value, help=meaning)


def given(parsed_args, names):
    """Give the options of these names that were said, ready for a request;
    an empty text takes away what was there."""
    found = {name: getattr(parsed_args, name) for name in names}
    return {name: None if value == '' else value
            for name, value in found.items() if value is not None}


def wanted(parsed_args):
    """Give what was said of it, ready for a request."""
    found = given(parsed_args, _OPTIONS)
    if parsed_args.ping_file is not None:
        found['ping_url'] = (_address(parsed_args.ping_file)
                             if parsed_args.ping_file else '')
    return found


def _add_then(parser):
    group = parser.add_mutually_exclusive_group()
    group.add_argument('--then', metavar='<action>', action='append',
                       help='What follows each good run, in order (repeat '
                            'for more): verify, cleanup by the policy of the '
                            'target, or cleanup:<id> by one')
    group.add_argument('--no-then', dest='then', action='store_const',
                       const=[], help='Let nothing follow (new ones: so)')


def _add_ping(parser):
    # Not on the command line, where everybody on the machine can read it; and
    # read when it is sent, for --debug shows what arguments were made of.
    group = parser.add_mutually_exclusive_group()
    group.add_argument('--ping-file', metavar='<file>',
                       help='File with the address of a monitor that is told '
                            'of its jobs, - for standard input')
    group.add_argument('--no-ping', dest='ping_file', action='store_const',
                       const=False, help='Tell no monitor (new ones: so)')


def _address(name):
    try:
        if name == '-':
            text = sys.stdin.buffer.read(_LONG)
        else:
            with open(name, 'rb') as file:
                text = file.read(_LONG)
        text = text.decode()
    except (OSError, UnicodeError) as error:
        raise exceptions.CommandError(
            'The file %s cannot be read: %s.\nWrite the address of the '
            'monitor into it.' % (name, getattr(error, 'strerror', None)
                                  or 'it is no text'))
    if not text.strip():
        raise exceptions.CommandError(
            'The file %s is empty.\nWrite the address of the monitor into '
            'it, or say --no-ping.' % name)
    if len(text) == _LONG:
        raise exceptions.CommandError(
            'What --ping-file names, %s, is too long for an address.\nWrite '
            'the address of the monitor into it, and nothing else.' % name)
    return text.strip()
