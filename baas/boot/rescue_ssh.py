# SPDX-License-Identifier: Apache-2.0
"""How a rescue system is reached over SSH, and how it calls back."""
import dataclasses
import pathlib
import shlex
import subprocess

from baas import ssh

NONCE = '/etc/baas/nonce'
"""Where the rescue system of one restore has the nonce of that restore."""
_SECONDS = 30
_CALL = {'ConnectTimeout': 10, 'ServerAliveInterval': 5, 'LogLevel': 'ERROR'}


@dataclasses.dataclass(frozen=True)
class RescueSsh:
    """A way to a rescue system.

    :ivar address: host name or address.
    :ivar port: port of its SSH server.
    :ivar user: whom to log in as.
    :ivar key: path of the private key that it lets in.
    :ivar known_hosts: path of the file with its host key.
    :ivar alias: the name that it has in there; None for its address.
    :ivar nonce: path of the file with the nonce that it must have; None
        when it has none.
    """
    address: str
    port: int
    user: str
    key: str
    known_hosts: str
    alias: str = None
    nonce: str = None

    def options(self):
        """Give what tells ``ssh`` who is trusted (list of str); it goes
        with :data:`baas.ssh.CHECKED`."""
        alias = {'HostKeyAlias': self.alias, 'CheckHostIP': 'no',
                 'HostKeyAlgorithms': 'ssh-ed25519'} if self.alias else {}
        return ['-F', '/dev/null',
                *ssh.words({**ssh.pinned(self.known_hosts), **alias})]

    def variables(self):
        """Give the variables by which Ansible reaches it in place of the
        node itself; no secrets, only paths."""
        return {'ansible_host': self.address, 'ansible_port': self.port,
                'ansible_user': self.user,
                'ansible_become': self.user != 'root',
                'ansible_ssh_private_key_file': self.key,
                'ansible_ssh_args': shlex.join(
                    ssh.words({**ssh.CHECKED, **ssh.SHARED})),
                # Never over a connection that the node itself has left open.
                'ansible_ssh_common_args': shlex.join(
                    [*self.options(), *ssh.words({'ControlPath': 'none'})])}

    def call(self):
        """See whether the rescue system is there.

        :returns: None when it is, or what was seen instead (str).
        """
        words = ['cat', NONCE] if self.nonce else ['true']
        try:
            done = subprocess.run(
                ['ssh', *ssh.words({**ssh.CHECKED, **_CALL}),
                 *self.options(), '-i', self.key, '-p', str(self.port),
                 '-l', self.user, '--', self.address, *words],
                stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors='replace', timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            return f'it did not answer within {_SECONDS} seconds'
        if done.returncode:
            said = done.stderr.strip().splitlines() or ['without a word']
            return f'ssh ended with {done.returncode}: {said[-1].strip()}'
        if self.nonce and done.stdout.strip() != pathlib.Path(
                self.nonce).read_text().strip():
            return 'it is the rescue system of another restore'
        return None


def of_restore(node, folder):
    """Give the way to a rescue system that was made for one restore.

    :param node: :class:`baas.runner.inventory.Node`.
    :param folder: folder of the keys, see
        :mod:`baas.boot.images.initrd_overlay`.
    """
    folder = pathlib.Path(folder)
    return RescueSsh(node.address, node.port, 'root', str(folder / 'key'),
                     str(folder / 'known_hosts'), f'rescue-{node.name}',
                     str(folder / 'nonce'))
