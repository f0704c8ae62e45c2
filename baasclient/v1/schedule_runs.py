# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup schedule runs: what became of each tick."""
from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http

FIELDS = (('Tick', 'tick'), ('Outcome', 'outcome'), ('Job', 'job_id'),
          ('Job State', 'job_state'), ('Then', 'then_states'),
          ('Reason', 'reason'))
LONG = FIELDS + (('Pings', 'ping_states'), ('Begin Until', 'begin_until'),
                 ('Seen At', 'created_at'))


class ListRun(command.Lister):
    """List the last runs of a schedule, newest first."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('schedule', metavar='<schedule>',
                            help='Id of a schedule, or its name when no '
                                 'other has it')
        parser.add_argument('--limit', metavar='<number>', type=command.whole,
                            help='How many at most (default: all that are '
                                 'remembered, which are the last hundred)')
        parser.add_argument('--long', action='store_true',
                            help='Show more columns, such as what the '
                                 'monitor was told')
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        client = self.client
        id = find.schedule(client, parsed_args.schedule)['id']
        found = client.items(http.path('schedule', id, 'runs'), 'runs',
                             limit=parsed_args.limit)
        return columns.table(
            [{**run, 'then_states': _lines(run['then'], (
                'action', 'state', 'job_id', 'reason')),
              'ping_states': _lines(run['pings'], (
                  'moment', 'state', 'sent_at', 'error'))} for run in found],
            LONG if parsed_args.long else FIELDS)


def _lines(rows, names):
    return [' '.join(row[name] for name in names if row[name])
            for row in rows]
