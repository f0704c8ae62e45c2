# SPDX-License-Identifier: Apache-2.0
"""Options of verification."""
from oslo_config import cfg

GROUP = 'verification'
OPTS = [
    cfg.IntOpt('period', default=30, min=0, max=365,
               help='Days in which all that is stored is read back once, a '
                    'share each day. Make it shorter when the storage may '
                    'be read more. 0: nothing is read back by itself.'),
    cfg.IntOpt('hour', default=5, min=0, max=23,
               help='Hour of the day, in UTC, from which on its share is '
                    'read. Choose a time at which the storage has little '
                    'else to do.'),
]
