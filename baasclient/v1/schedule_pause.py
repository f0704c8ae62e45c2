# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup schedule pause and resume: all schedules at
once."""
import sys

from baasclient import columns
from baasclient import command
from baasclient import http

_PATH = http.path('schedule', 'pause')


class PauseSchedule(command.ShowOne):
    """Have no schedule begin anything.

    Runs that come meanwhile are skipped, and are not caught up. A pause that
    is there already goes on as this one says.
    """

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--until', metavar='<when>',
            help='When it ends by itself: how long it lasts, e.g. 12h or 2d, '
                 'or a time, e.g. 2027-01-31T06:00:00Z (default: when '
                 'somebody ends it)')
        parser.add_argument('--reason', metavar='<text>',
                            help='Why, for those who ask')
        return parser

    def take_action(self, parsed_args):
        """Ask for it."""
        wanted = {name: getattr(parsed_args, name) for name in (
            'until', 'reason') if getattr(parsed_args, name) is not None}
        return columns.one(self.client.put(
            _PATH, json=wanted))


class ResumeSchedule(command.ShowOne):
    """End the pause of all schedules."""

    def take_action(self, parsed_args):
        """Ask for it, and show what is still so by configuration."""
        client = self.client
        client.delete(_PATH)
        return columns.one(client.get(_PATH))


def tell(command, pause):
    """Say on standard error that all schedules are paused, if they are.

    :param pause: the pause, as the service gives it.
    """
    if not pause['paused'] or command.app.options.verbose_level == 0:
        return
    if pause['by_configuration']:
        text = 'by the configuration of the service'
    else:
        text = 'since %s by %s, until %s' % (
            pause['paused_at'], pause['user_id'] or 'somebody',
            pause['until'] or 'somebody ends it')
        if pause['reason']:
            text += ': ' + pause['reason']
    sys.stderr.write('All schedules are paused %s\n'
                     % columns.printable(text))
