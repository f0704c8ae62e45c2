# SPDX-License-Identifier: Apache-2.0
"""Options of the playbook runner."""
from oslo_config import cfg

from baas.conf import place

GROUP = 'runner'
OPTS = [
    place.option('playbooks_dir',
                 help='Folder of the playbooks. Unset: the ones that were '
                      'installed with the package. Set it to run changed '
                      'copies.'),
    place.option('inventory',
                 default='/etc/baas/inventory.yaml',
                 help='Ansible inventory of the control plane: a file, a '
                      'folder or an executable. The static inventory that '
                      'TripleO writes can be used; change the address of the '
                      'undercloud in it when the service does not run there.'),
    cfg.IntOpt('inventory_timeout', default=60, min=1,
               help='Seconds that Ansible may take to read the inventory. '
                    'Then it is ended, with the script that it may wait '
                    'for.'),
    cfg.StrOpt('host_key_checking', default='always',
               choices=[
                   ('always', 'Nobody logs in to a node whose host key is not '
                              'the known one, whatever the inventory says.'),
                   ('inventory', 'The inventory and the SSH configuration of '
                                 'the user may turn it off, e.g. with '
                                 'ansible_host_key_checking=false: passwords '
                                 'of repositories and the key of the storage '
                                 'are then handed to whoever answers.')],
               help='Whether host keys of nodes are checked. Those of rescue '
                    'systems and of the storage always are.'),
    cfg.IntOpt('forks', default=10, min=1, max=500,
               help='How many nodes Ansible works on at the same time. The '
                    'barrier has all of them, whatever this says.'),
    cfg.DictOpt('time_limits', default={},
                help='Minutes that a step may take, where the default of '
                     'the plan does not fit, as kind/step:minutes, e.g. '
                     'backup/capture:1440.'),
    cfg.IntOpt('keep_folders', default=20, min=0,
               help='How many working folders of ended jobs are kept for a '
                    'look at what Ansible did; secrets are never in them.'),
]
