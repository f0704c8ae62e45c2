# SPDX-License-Identifier: Apache-2.0
"""How a blank machine gets its rescue system."""
from oslo_config import cfg

GROUP = 'boot'
OPTS = [
    cfg.StrOpt('method', default='ssh',
               help='Boot method for restores, a driver of baas.boot.'),
    cfg.IntOpt('time_limit', default=15, min=1,
               help='Minutes that a restored machine gets from leaving the '
                    'rescue system to answering from its own disk.'),
]
SSH_GROUP = 'boot_ssh'
SSH_OPTS = [
    cfg.StrOpt('user', default='root',
               help='User of the rescue system.'),
    cfg.StrOpt('private_key', default='/etc/baas/rescue_key',
               help='Private key that the rescue system lets in.'),
    cfg.StrOpt('known_hosts', default='/etc/baas/rescue_known_hosts',
               help='Host keys of the rescue system, known beforehand. It '
                    'must have a line for the address of every node.'),
    cfg.StrOpt('root', default='/mnt/local',
               help='Where the rescue system has mounted the disk that is '
                    'to be restored.'),
]
