# SPDX-License-Identifier: Apache-2.0
"""How this service calls OpenSSH: nobody logs in to a host whose key is not
known. Nothing is imported here: the barrier must start at once."""

LOCAL = ('local', 'ansible.builtin.local')
"""Connections of Ansible that lead to the machine of the service."""
REMOTE = ('ssh', 'smart', 'ansible.builtin.ssh')
"""Those that call OpenSSH; others look at host keys as they like."""
CHECKED = {'BatchMode': 'yes', 'StrictHostKeyChecking': 'yes'}
"""Options that every call has: nothing is asked, and no key is accepted at
first sight. OpenSSH takes the first of two values: they stand in front of
what others have a say in."""
SHARED = {'ControlMaster': 'auto', 'ControlPersist': '60s',
          'ServerAliveInterval': '5', 'ServerAliveCountMax': '4'}
"""Options of the connections that the tasks of a playbook share."""

_CHANGED = 'REMOTE HOST IDENTIFICATION HAS CHANGED'
_UNKNOWN = ('Host key verification failed', 'host key is known for', _CHANGED)
_REPLACED = (
    'Find out why the host has another key than the known one before anything '
    'else; only when it has got a new one on purpose, remove the old one with '
    '"ssh-keygen -R" and add the new one.')
ADD = (
    'Get the key of the host with "ssh-keyscan -t ed25519 ADDRESS" over a '
    'network that you trust, compare it with what "ssh-keygen -lf '
    '/etc/ssh/ssh_host_ed25519_key.pub" says on its console, and add the line '
    'to the known hosts of the user that the service runs as, or to '
    '/etc/ssh/ssh_known_hosts.')
"""What to do about a host whose key is not known."""


def words(options):
    """Give options as arguments for OpenSSH's clients.

    :param options: mapping of name to value.
    :returns: list of str.
    """
    return [word for name, value in options.items()
            for word in ('-o', f'{name}={value}')]


def pinned(known_hosts):
    """Give the options by which nothing but one file decides who is trusted.

    They are complete together with :data:`CHECKED` and ``-F /dev/null``.

    :param known_hosts: path of the file with the host key.
    """
    return {'UserKnownHostsFile': known_hosts,
            'GlobalKnownHostsFile': '/dev/null', 'IdentitiesOnly': 'yes'}


def known_name(name, port):
    """Give the name that a host has in a file of known hosts."""
    return name if int(port) == 22 else f'[{name}]:{port}'


def advice(said):
    """Say what to do about a host whose key was refused.

    :param said: what ssh, or Ansible in its place, has said.
    :returns: a hint, None when it was about something else.
    """
    if not any(words in said for words in _UNKNOWN):
        return None
    return _REPLACED if _CHANGED in said else ADD
