# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup schedule runs: what became of each tick."""
from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http

FIELDS = (('Tick', 'tick'), ('Outcome', 'outcome'), ('Job', 'job_id'),
          ('Job State', 'job_state'), ('Then', 'then_states'),
          ('Reason', 'reason'))


class ListRun(command.Lister):
    """List the last runs of a schedule, newest first"""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('schedule', metavar='<schedule>',
                            help='Id of a schedule, or its name when no '
                                 'other has it')
        parser.add_argument('--limit', metavar='<number>', type=int,
                            help='How many at most (default: all that are '
                                 'remembered, which are the last hundred)')
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        client = self.app.client_manager.baas
        id = find.schedule(client, parsed_args.schedule)['id']
        found = client.items(http.path('schedule', id, 'runs'), 'runs',
                             limit=parsed_args.limit)
        return columns.table([{**run, 'then_states': [
            ' '.join(part for part in (one['action'], one['state'],
                                       one['job_id'], one['reason']) if part)
            for one in run['then']]} for run in found], FIELDS)
