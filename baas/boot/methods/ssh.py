# SPDX-License-Identifier: Apache-2.0
"""Boot method ssh: a rescue system already runs at the node's address."""
from baas.boot import base
from baas.boot import rescue_ssh


class SshBoot(base.Boot):
    """Somebody else has booted the rescue system, and turns it off: there is
    nothing to do but to reach it, with a host key that is known
    beforehand."""
    description = ('The rescue system runs there already, and is only looked '
                   'for')
    already_running = True

    @property
    def root(self):
        """See :class:`base.Boot`."""
        return self.conf.boot_ssh.root

    def reach(self, node, folder):
        """See :class:`base.Boot`."""
        options = self.conf.boot_ssh
        return rescue_ssh.RescueSsh(node.address, node.port, options.user,
                                    options.private_key, options.known_hosts)

    def problems(self, machine):
        """See :class:`base.Boot`."""
        seen = self.reach(machine.node, None).call()
        if seen is None:
            return []
        return [base.Problem(
            f'The rescue system of {machine.node.name} cannot be reached at '
            f'{machine.node.address}: {seen}.',
            'Boot it there, with the host key that [boot_ssh] known_hosts '
            'has for that address.')]
