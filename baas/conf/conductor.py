# SPDX-License-Identifier: Apache-2.0
"""Options of the conductor."""
import socket

from oslo_config import cfg

GROUP = 'conductor'
OPTS = [
    cfg.StrOpt('host', default=socket.gethostname(), sample_default='<host>',
               help='Name under which this conductor claims jobs. It must '
                    'differ between conductors and stay the same over a '
                    'restart.'),
    cfg.IntOpt('workers', default=4, min=1,
               help='How many jobs run at the same time. Jobs of one target '
                    'never do.'),
    cfg.IntOpt('lease', default=60, min=6,
               help='Seconds until a job whose conductor went silent is '
                    'taken over by another, undone and closed. Raise it when '
                    'the database is known to be away for longer.'),
    cfg.IntOpt('sweep_interval', default=10, min=1,
               help='Seconds between two looks for queued jobs whose message '
                    'was lost and for jobs whose conductor is gone.'),
]
