# SPDX-License-Identifier: Apache-2.0
"""Options of clean-ups."""
from oslo_config import cfg

from baas.conf import delay

GROUP = 'cleanups'
OPTS = [
    delay.option('delete_delay', default='3d',
                 help='How long the sets that a clean-up removes stay in the '
                      'trash, such as 12h, 3d or 2w: until then they can be '
                      'had back, and take their room. 0 removes them at '
                      'once.'),
    cfg.BoolOpt('purge_paused', default=False,
                help='Whether nothing is removed from the trash by itself, '
                     'however long it has been there. Set it on all '
                     'conductors before the service is started with an old '
                     'copy of its database, until somebody has looked at '
                     'what is in the trash there.'),
]
