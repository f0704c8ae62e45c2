# SPDX-License-Identifier: Apache-2.0
"""One open connection to the node program on a node."""
import json
import os
import shlex
import subprocess
import tempfile

from baas import errors
from baas import ssh

_CONNECT = 15  # seconds
_MARK = b'{"baas":'
_SAID = 300
# A connection that others share ends with them; and whether the node is
# still there must be known within seconds.
_OPTIONS = {'BatchMode': 'yes', 'ControlMaster': 'no', 'ControlPath': 'none',
            'ConnectTimeout': _CONNECT, 'ServerAliveInterval': 2,
            'ServerAliveCountMax': 3}


class UnsupportedConnection(errors.BaasError):
    """The inventory reaches a node in a way that this program cannot."""
    faultcode = 'baas.barrier.unsupported_connection'
    title = 'Connection not supported'
    message = 'Node {node} cannot be reached in the barrier: {reason}.'
    hint = ('Let the service in with an SSH key, and let its user become root '
            'with sudo and no password.')


def command(node, given, words):
    """Make the command that runs the node program on a node.

    :param node: inventory name.
    :param given: how Ansible reaches the node (dict): connection, host, port,
        user, key, common_args, extra_args, become, become_method, python,
        program; host_keys, ``inventory`` when host_key_checking and the args
        may say that host keys are not checked; passwords, the names of
        variables with passwords.
    :param words: arguments of the node program (list of str).
    :returns: list of str.
    :raises NotUnderstood: that cannot be done.
    """
    kind = given.get('connection') or 'ssh'
    if given.get('passwords'):
        raise UnsupportedConnection(node=node, reason='it is given a password '
                                                      'by '
                                    + ', '.join(given['passwords']))
    if given.get('become_method') not in (None, '', 'sudo',
                                          'ansible.builtin.sudo'):
        raise UnsupportedConnection(node=node, reason='its become method is '
                                    f'{given["become_method"]}, and not sudo')
    if kind not in ssh.LOCAL + ssh.REMOTE:
        raise UnsupportedConnection(node=node, reason=f'its connection is '
                                                      f'{kind}, '
                                    'and neither ssh nor local')
    called = shlex.join([given['python'], given['program'], *words])
    script = f'exec {called}'
    if given.get('become', True):
        script = (f'test "$(id -u)" = 0 && exec {called}; '
                  f'exec sudo -n -- {called}')
    if kind in ssh.LOCAL:
        return ['sh', '-c', script]
    return _ssh(node, given) + ['--', given.get('host') or node,
                                'exec sh -c ' + shlex.quote(script)]


def _ssh(node, given):
    options = {**_OPTIONS, **ssh.CHECKED}
    if given.get('host_keys') == 'inventory':
        options = {**_OPTIONS}
        if given.get('host_key_checking') is False:
            options['StrictHostKeyChecking'] = 'no'
    made = ['ssh', '-T', *ssh.words(options)]
    for flag, name in (('-p', 'port'), ('-l', 'user'), ('-i', 'key')):
        if given.get(name):
            made += [flag, os.path.expanduser(str(given[name]))]
    for name in ('common_args', 'extra_args'):
        try:
            made += shlex.split(given.get(name) or '')
        except ValueError as error:
            raise UnsupportedConnection(
                node=node, reason=f'its ansible_ssh_{name} cannot be read: '
                                  f'{error}') from error
    return made


class Connection:
    """The node program at the other end of a pipe.

    :param argv: the command that runs it.
    :param options: its options (dict), sent as the first line.
    :param orders: False when nothing is to follow them.
    :ivar is_open: whether more may come.
    """

    def __init__(self, argv, options, orders=True):
        self._errors = tempfile.TemporaryFile()
        # A signal to our group is for us, who let the nodes resume in order.
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, start_new_session=True)
        os.set_blocking(self._process.stdin.fileno(), False)
        os.set_blocking(self._process.stdout.fileno(), False)
        self._part = b''
        self.is_open = True
        self.send(options)
        if not orders:
            self._process.stdin.close()

    def fileno(self):
        """Give what to wait on for reading (int)."""
        return self._process.stdout.fileno()

    def send(self, what):
        """Send one line; who is gone is found out by reading."""
        if self._process.stdin.closed:
            return
        try:
            os.write(self._process.stdin.fileno(),
                     json.dumps(what).encode() + b'\n')
        except OSError:
            # BlockingIOError too: nobody has read for a long while.
            pass

    def read(self):
        """Give what the node program has said since (list of dict)."""
        try:
            data = os.read(self.fileno(), 1 << 16)
        except BlockingIOError:
            return []
        self.is_open = bool(data)
        *lines, self._part = (self._part + data).split(b'\n')
        return [json.loads(line)['baas'] for line in lines
                if line.startswith(_MARK)]

    def last_words(self):
        """Give what ssh, sudo or the program said last, and how it ended."""
        try:
            status = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            status = None
        said = self._said()
        if said:
            return said[-1][-_SAID:].rstrip('.')
        return ('it does not answer' if status is None
                else f'it ended with {status}')

    def advice(self):
        """Give what to do about what was said, None when it is unknown."""
        return ssh.advice('\n'.join(self._said()))

    def _said(self):
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 4096))
        lines = self._errors.read().decode(errors='replace').split('\n')
        return [line.strip() for line in lines if line.strip()]

    def close(self):
        """Hang up: the node program resumes if it has not yet.

        Its process is not waited for and not killed: it may have to resume,
        or be stuck.
        """
        self.is_open = False
        if self._errors.closed:
            return
        self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()
