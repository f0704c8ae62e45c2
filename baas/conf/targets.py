# SPDX-License-Identifier: Apache-2.0
"""Which groups of the inventory make up a target."""
from oslo_config import cfg
from oslo_config import types

GROUP = 'targets'
TARGETS = ('undercloud', 'overcloud')
OPTS = [
    cfg.ListOpt('undercloud', default=['Undercloud'],
                help='Inventory groups of the undercloud, or patterns of '
                     'Ansible; empty where it is not to be backed up.'),
    cfg.ListOpt('overcloud', default=['Controller'],
                help='Inventory groups of the overcloud control plane, or '
                     'patterns of Ansible. Name '
                     'the groups of all roles that carry its services when '
                     'roles are composed, and those of one stack (e.g. '
                     'central_Controller) when there are several: a target '
                     'is one cluster.'),
    cfg.ListOpt('own_machine', default=[],
                item_type=types.String(choices=TARGETS),
                help='Targets with the machine that the service itself runs '
                     'on among their nodes: undercloud, when it runs there. '
                     'A node that the inventory reaches as localhost, at an '
                     'address of this machine or with ansible_connection '
                     '"local" is refused in every other target: an inventory '
                     'that was written on an undercloud says so of the '
                     'undercloud, whichever machine reads it.'),
]
