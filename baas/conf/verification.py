# SPDX-License-Identifier: Apache-2.0
"""Options of verification."""
from oslo_config import cfg
from oslo_config import types

from baas import share


class Share(types.String):
    """A share of a whole, see :mod:`baas.share`."""

    def __call__(self, value):
        value = super().__call__(value)
        share.fraction(value)
        return value


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
    cfg.IntOpt('bandwidth', default=0, min=0, max=1 << 20,
               help='MiB a second that are read from the storage at most to '
                    'verify one node; 0 for as many as there are. What was '
                    'just stored is read back at this rate, too, before a '
                    'backup is available. What restic looks up by itself, '
                    'indexes above all, is not counted.'),
    cfg.IntOpt('files_at_once', default=0, min=0, max=256,
               help='How many files of the storage are read at the same time '
                    'to verify one node; 0 for 4, or as many as the '
                    'conductor has processors when everything is read.'),
    cfg.Opt('spot_check_share', type=Share(), default='1%',
            help='How many of the files of a backup a spot check compares '
                 'with its node, unless its request says so.'),
    cfg.FloatOpt('tolerance', default=0.1, min=0, max=100,
                 help='How many of the files that a spot check compares may '
                      'be other ones than the backup has, in percent, without '
                      'having been touched since. Raise it when something '
                      'sets back times of change on purpose.'),
    cfg.FloatOpt('count_tolerance', default=20.0, min=0, max=100,
                 help='By how many percent the number of files of a node may '
                      'differ from that of the backup in a spot check. Raise '
                      'it when files come and go by the thousand.'),
    cfg.IntOpt('clock_skew', default=300, min=0,
               help='Seconds that the clocks of nodes and service may be '
                    'apart: what was touched so shortly before a backup '
                    'counts as touched after it.'),
]
