# SPDX-License-Identifier: Apache-2.0
"""Asks OpenSSH what it would do to reach a node. Nobody is logged in to."""
import dataclasses
import os
import shlex
import subprocess

from baas.runner import playbook
from baas.runner import settings
from baas import ssh

_LONG = 20  # seconds, for what neither connects nor asks


class NotUnderstood(Exception):
    """OpenSSH does not take the arguments that an inventory gives it.

    :ivar name: the variable with them, or None.
    """

    def __init__(self, name):
        super().__init__(name)
        self.name = name


@dataclasses.dataclass(frozen=True)
class Way:
    """What OpenSSH would do.

    :ivar host: name or address that it connects to.
    :ivar names: the names, one of which its host key must have.
    :ivar files: those in which it looks for host keys.
    :ivar is_direct: False when another machine or a command is in between.
    :ivar is_checked: False when it would accept any host key, or learns keys
        from somewhere else than files.
    """
    host: str
    names: tuple
    files: tuple
    is_direct: bool
    is_checked: bool


def ask(reach, conf):
    """Ask what OpenSSH would do with the options that the service gives it.

    :param reach: :class:`baas.runner.review.reach.Reach`.
    :returns: :class:`Way`.
    :raises NotUnderstood: it does not understand them, or is not there.
    """
    said = _said(_words(reach, conf))
    alias = said.get('hostkeyalias')
    host, port = said['hostname'], int(said['port'])
    files = [os.path.expanduser(path)
             for kind in ('userknownhostsfile', 'globalknownhostsfile')
             for path in said.get(kind, '').split()]
    off = said.get('stricthostkeychecking') in ('false', 'no', 'off')
    elsewhere = (said.get('knownhostscommand', 'none') != 'none'
                 or said.get('verifyhostkeydns') == 'true')
    return Way(
        host, (alias,) if alias else tuple(dict.fromkeys(
            (ssh.known_name(host, port), host))), tuple(files),
        all(said.get(name, 'none') == 'none'
            for name in ('proxyjump', 'proxycommand')),
        not off and not elsewhere)


def is_known(way):
    """Tell whether a host key of a node is in one of the files (bool)."""
    return any(
        _run(['ssh-keygen', '-F', name, '-f', path]).returncode == 0
        for path in way.files if os.path.isfile(path) for name in way.names)


def _words(reach, conf):
    first = settings.environment(playbook.folder(conf), conf)[
        'ANSIBLE_SSH_ARGS']
    words = ['ssh', '-G', *shlex.split(first)]
    if not reach.is_checked and conf.runner.host_key_checking == 'inventory':
        words += ['-o', 'StrictHostKeyChecking=no']
    words += ['-p', str(reach.node.port)]
    words += ['-l', reach.user] if reach.user else []
    for name, value in reach.arguments:
        try:
            words += shlex.split(value)
        except ValueError:
            raise NotUnderstood(name) from None
    return [*words, '--', reach.node.address]


def _said(words):
    done = _run(words)
    lines = [line.partition(' ') for line in done.stdout.splitlines()]
    said = {name: value for name, _, value in lines}
    if done.returncode or 'hostname' not in said:
        raise NotUnderstood(None)
    return said


def _run(words):
    try:
        return subprocess.run(words, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=_LONG,
                              errors='replace')
    except (OSError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(words, 1, '', '')
