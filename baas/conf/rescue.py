# SPDX-License-Identifier: Apache-2.0
"""Rescue images that backups have of their own."""
from oslo_config import cfg

GROUP = 'rescue'
OPTS = [
    cfg.StrOpt('image', default='auto',
               choices=[
                   ('auto', 'each node makes one; where ReaR is missing or '
                            'fails, the log of the job has a warning, and '
                            'the backup is taken without'),
                   ('required', 'the same, and a job fails before anything '
                                'is quiesced when a node cannot make one'),
                   ('never', 'none is made')],
               help='Whether backups have an image of the rescue system that '
                    'brings them back onto a blank disk. It is made anew '
                    'when disks, kernel, ReaR or this configuration have '
                    'changed. Choose "required" where no other rescue system '
                    'is at hand.'),
    cfg.FloatOpt('time_limit', default=45, min=1,
                 help='Minutes that a node gets to make one. Raise [runner] '
                      'time_limits backup/prepare with it.'),
]
