# SPDX-License-Identifier: Apache-2.0
"""Options of schedules."""
from oslo_config import cfg

GROUP = 'schedules'
OPTS = [
    cfg.BoolOpt('paused', default=False,
                help='Whether no schedule begins a backup, whatever it says '
                     'itself. Runs that come meanwhile are skipped and not '
                     'caught up; a backup that somebody asks for is taken. '
                     'Set it for the time of a maintenance, for the API and '
                     'on all conductors.'),
]
