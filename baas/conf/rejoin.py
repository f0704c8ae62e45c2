# SPDX-License-Identifier: Apache-2.0
"""What a restored node takes from the living members of its cluster."""
from oslo_config import cfg
from oslo_config import types

GROUP = 'rejoin'
_TRIPLEO = '/var/lib/config-data/puppet-generated'
SHARED = [
    '/etc/corosync/authkey',
    '/etc/pacemaker/authkey',
    '/var/lib/rabbitmq/.erlang.cookie',
    _TRIPLEO + '/rabbitmq/var/lib/rabbitmq/.erlang.cookie',
    '/etc/keystone/fernet-keys/*',
    '/etc/keystone/credential-keys/*',
    _TRIPLEO + '/keystone/etc/keystone/fernet-keys/*',
    _TRIPLEO + '/keystone/etc/keystone/credential-keys/*',
    '/etc/pki/tls/private/overcloud_endpoint.pem',
]
"""Keys and certificates of which each member has the same."""
OPTS = [
    cfg.ListOpt('shared_files', default=SHARED,
                item_type=types.String(
                    # They become words of a shell on the members.
                    regex=r'^(/[A-Za-z0-9_.*?@+-]+)+$',
                    type_name='absolute glob'),
                help='Files that all members of a cluster have in common, as '
                     'absolute globs. A node that is restored alone takes '
                     'them from a living member, if all of those have the '
                     'same; else it keeps those of its backup, and the plan '
                     'says so.'),
]
