# SPDX-License-Identifier: Apache-2.0
"""Options of schedules."""
from oslo_config import cfg

GROUP = 'schedules'
OPTS = [
    cfg.BoolOpt('paused', default=False,
                help='Whether no schedule begins a backup, and no policy a '
                     'clean-up, whatever it says itself. Runs that come '
                     'meanwhile are skipped and not caught up; what somebody '
                     'asks for is done. Set it for the time of a '
                     'maintenance, for the API and '
                     'on all conductors.'),
]
