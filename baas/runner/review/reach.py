# SPDX-License-Identifier: Apache-2.0
"""How the service reaches a node, as far as its inventory says so."""
import dataclasses
import os
import socket

from baas.runner import hosts
from baas import ssh

PASSWORDS = ('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password',
             'ansible_become_password', 'ansible_become_pass',
             'ansible_sudo_pass', 'ansible_ssh_private_key_passphrase')
"""Variables that hold passwords; only their names are looked at. The same
are in ``playbooks/roles/barrier/vars``."""
# Of two names for one thing Ansible takes the older.
_USER = ('ansible_ssh_user', 'ansible_user')
_KEY = ('ansible_ssh_private_key_file', 'ansible_private_key_file')
_ARGS = ('ansible_ssh_common_args', 'ansible_ssh_extra_args')
_CHECKING = ('ansible_ssh_host_key_checking', 'ansible_host_key_checking')
USED = (*_USER, *_KEY, *_ARGS, *_CHECKING, 'ansible_become_method')
"""Variables that are looked at beside those of
:class:`baas.runner.inventory.Node`."""


@dataclasses.dataclass(frozen=True)
class Reach:
    """How one node is reached.

    :ivar node: the :class:`baas.runner.inventory.Node`.
    :ivar is_own: whether it is the machine that the service runs on.
    :ivar is_local: whether it is reached without SSH.
    :ivar user: who logs in, None for the user of the service.
    :ivar key: path of the private key, None for those that OpenSSH finds.
    :ivar arguments: (name, value) of variables with arguments for ssh.
    :ivar is_checked: whether its host key is checked, unless the service
        checks that of each node.
    :ivar passwords: names of variables with passwords (tuple).
    :ivar become_method: how root is become.
    :ivar physical_host: on which host it is a container, as openstack-ansible
        writes down, or None.
    """
    node: object
    is_own: bool = False
    is_local: bool = False
    user: str = None
    key: str = None
    arguments: tuple = ()
    is_checked: bool = True
    passwords: tuple = ()
    become_method: str = 'sudo'
    physical_host: str = None

    def __str__(self):
        if self.node.address is None:
            return '-'
        if self.is_local:
            return 'local'
        user = f'{self.user}@' if self.user else ''
        return f'{user}{ssh.known_name(self.node.address, self.node.port)}'


def of(node, variables):
    """Give how a node is reached.

    :param node: :class:`baas.runner.inventory.Node`.
    :param variables: of the host, without templates in those of
        :data:`USED` (dict).
    """
    physical = variables.get('physical_host')
    return Reach(
        node,
        # What is refused for it has no address; what is not, says what it is.
        is_own=hosts.own(node.name, _addressed(node, variables)) is not None,
        is_local=variables.get('ansible_connection') in ssh.LOCAL,
        user=_text(variables, _USER), key=_text(variables, _KEY),
        arguments=tuple((name, str(variables[name])) for name in _ARGS
                        if variables.get(name)),
        is_checked=str(_first(variables, _CHECKING)).lower() not in (
            'false', 'no', '0', 'off', 'n', 'f'),
        passwords=tuple(name for name in PASSWORDS if name in variables),
        become_method=str(variables.get('ansible_become_method') or 'sudo'),
        physical_host=(str(physical)
                       if physical not in (None, node.name) else None))


def addresses(name):
    """Resolve the name of a host.

    :returns: its addresses, sorted (list of str); empty when nobody knows it.
    """
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return sorted({one[4][0] for one in found})


def expanded(path):
    """Give the path of a key as OpenSSH takes it (str)."""
    return os.path.expanduser(path)


def _addressed(node, variables):
    if node.address is None:
        return variables
    return {'ansible_connection': variables.get('ansible_connection'),
            'ansible_host': node.address}


def _first(variables, names):
    for name in names:
        if variables.get(name) is not None:
            return variables[name]
    return None


def _text(variables, names):
    value = _first(variables, names)
    return None if value in (None, '') else str(value)
