# SPDX-License-Identifier: Apache-2.0
"""How much room snapshots leave on the nodes."""
from oslo_config import cfg

GROUP = 'snapshot'
OPTS = [
    cfg.IntOpt('reserve_percent', default=5, min=0, max=90,
               help='Percent of what snapshots of a node fill that have to '
                    'stay free while there are any: of each btrfs, of data '
                    'and metadata of each thin pool, of each snapshot of '
                    'LVM outside of a pool. A backup is refused when there '
                    'is less, and the one of a node ends when there comes to '
                    'be less while it is read, so that the node itself never '
                    'runs out of room. Raise it where much is written on '
                    'small disks.'),
    cfg.IntOpt('lvm_use_percent', default=80, min=1, max=100,
               help='Percent of the free extents of a volume group that '
                    'snapshots of volumes outside of thin pools get, shared '
                    'out by the size of the volumes. They are free again '
                    'when the backup has been read. Lower it where something '
                    'else needs free extents meanwhile.'),
    cfg.IntOpt('lvm_least_percent', default=10, min=1, max=100,
               help='Percent of the size of such volumes that their '
                    'snapshots must get, or a backup is refused. It has to '
                    'hold all that is overwritten while the backup is read; '
                    'when it fills up, the backup of this node fails. Raise '
                    'it where backups fail for that; lower it where little '
                    'is written.'),
]
