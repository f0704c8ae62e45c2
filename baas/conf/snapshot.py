# SPDX-License-Identifier: Apache-2.0
"""How much room snapshots leave on the nodes."""
from oslo_config import cfg

GROUP = 'snapshot'
OPTS = [
    cfg.IntOpt('reserve_percent', default=5, min=0, max=90,
               help='Percent of each btrfs file system of a node that have '
                    'to stay free while it has a snapshot. A backup is '
                    'refused when there is less, and the one of a node ends '
                    'when there comes to be less while it is read, so that '
                    'the node itself never runs out of room. Raise it where '
                    'much is written on small disks.'),
]
