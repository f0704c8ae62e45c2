# SPDX-License-Identifier: Apache-2.0
"""Boot method ssh: a rescue system already runs at the node's address."""
import shlex

from baas.boot import base


class SshBoot(base.Boot):
    """Somebody else has booted the rescue system; it is reached over SSH,
    with a host key that is known beforehand."""

    @property
    def root(self):
        """See :class:`base.Boot`."""
        return self.conf.boot_ssh.root

    def connection(self):
        """See :class:`base.Boot`."""
        options = self.conf.boot_ssh
        return {
            'ansible_user': options.user,
            'ansible_become': options.user != 'root',
            'ansible_ssh_private_key_file': options.private_key,
            'ansible_ssh_common_args': shlex.join([
                '-o', f'UserKnownHostsFile={options.known_hosts}',
                '-o', 'GlobalKnownHostsFile=/dev/null',
                '-o', 'StrictHostKeyChecking=yes',
                '-o', 'IdentitiesOnly=yes']),
        }
