# SPDX-License-Identifier: Apache-2.0
"""Which groups of the inventory make up a target."""
from oslo_config import cfg

GROUP = 'targets'
OPTS = [
    cfg.ListOpt('undercloud', default=['Undercloud'],
                help='Inventory groups of the undercloud.'),
    cfg.ListOpt('overcloud', default=['Controller'],
                help='Inventory groups of the overcloud control plane. Name '
                     'the groups of all roles that carry its services when '
                     'roles are composed.'),
]
