# SPDX-License-Identifier: Apache-2.0
"""What the variables of a host in an inventory mean for us, and what in them
stands in the way of a job."""
import dataclasses
import ipaddress
import json
import os
import re
import socket

from baas.runner import unread
from baas import ssh

NAMES = ('baremetal_uuid', 'baremetal_name', 'instance_uuid')
"""Variables with further names of a node."""

# Of two names for one thing Ansible takes the older.
_ADDRESS = ('ansible_ssh_host', 'ansible_host')
_PORT = ('ansible_ssh_port', 'ansible_port')
_USED = (*_ADDRESS, *_PORT, 'ansible_connection', 'baremetal_macs', *NAMES)
_NAME = re.compile(r'[\w:][\w.:%-]*')
_LONGEST_NAME = 200  # bytes: folders and files are called after it
_LOCALHOST = ('localhost', 'localhost.localdomain', 'localhost4', 'localhost6')


class Problem(Exception):
    """Something in the variables of a host is not usable.

    :ivar cause: one sentence that names host and variable, without its dot.
    :ivar hint: what to do, likewise.
    """

    def __init__(self, cause, hint):
        super().__init__(cause)
        self.cause, self.hint = cause, hint


@dataclasses.dataclass(frozen=True)
class Given:
    """What an inventory says of a host.

    :ivar host: its name.
    :ivar variables: as they are written (dict).
    :ivar awaited: names of variables that Ansible is asked for.
    :ivar values: what it has made of those, {variable: value}, or anything
        else where it has failed.
    """
    host: str
    variables: dict
    awaited: tuple
    values: object

    def resolve(self):
        """Put what Ansible has made of templates in their place.

        :returns: the variables.
        :raises Problem: one has no value.
        """
        values = self.values if isinstance(self.values, dict) else {}
        bad = [name for name in self.awaited if values.get(name) is None]
        if not bad:
            return {**self.variables,
                    **{name: values[name] for name in self.awaited}}
        closed = [name for name in bad if is_encrypted(self.variables[name])]
        # What they say, and what Ansible says of them, may have a password.
        if closed:
            raise Problem(
                f'{", ".join(closed)} of {self.host} is encrypted with '
                'Ansible Vault, and there is no password that opens it',
                'Write it as it is if it is no secret; or '
                f'{unread.VAULT[0].lower()}{unread.VAULT[1:]}')
        raise Problem(
            f'{", ".join(bad)} of {self.host} is a template that Ansible '
            'cannot resolve',
            f'Define what it refers to for {self.host}, and let the service '
            'open what of that is encrypted, or write the value itself; '
            f'"ansible -i INVENTORY {self.host} -m debug -a '
            f'var={bad[0]}" says why')


def is_encrypted(value):
    """Tell whether a value is encrypted with Ansible Vault: it is listed so,
    also where there is a password that opens it."""
    return '"__ansible_vault"' in json.dumps(value, default=str)


def templates(variables, used=_USED):
    """Name the variables of a host that matter and that Ansible has to be
    asked for (list): they hold a template, or are encrypted."""
    return [name for name in used
            if '{{' in (text := json.dumps(variables.get(name), default=str))
            or '{%' in text or is_encrypted(variables.get(name))]


def fields(host, variables):
    """Give the fields of :class:`baas.runner.inventory.Node` (dict).

    :raises Problem: the name or a variable is not what it must be.
    """
    _demand_name(host)
    name, address = _first(variables, _ADDRESS, host)
    if not str(address).strip():
        raise Problem(f'{name} of {host} is empty: it has no address',
                      f'Write the address of {host}; where the deployment '
                      'has not given it one yet, wait until it has')
    _demand_connection(host, variables)
    address = _text(host, name or 'ansible_host', address)
    _demand_address(host, name, address)
    return {'address': address,
            'port': _port(host, variables),
            'macs': _words(host, 'baremetal_macs', variables),
            **{name: _text(host, name, variables.get(name))
               for name in NAMES}}


def own(host, variables):
    """Tell whether a host is the machine that the service runs on.

    :returns: by what it is (str, ``variable=value``), or None.
    """
    connection = variables.get('ansible_connection')
    if connection in ssh.LOCAL:
        return f'ansible_connection={connection}'
    name, address = _first(variables, _ADDRESS, host)
    if is_own(str(address)):
        return f'{name}={address}' if name else f'the name {host}'
    return None


def demand_no_other(host, variables):
    """Refuse a host that Ansible would take for this machine, and that has
    the address of another.

    :raises Problem: that is so.
    """
    name, address = _first(variables, _ADDRESS, host)
    try:
        ipaddress.ip_address(str(address))
    except ValueError:
        return
    if variables.get('ansible_connection') in ssh.LOCAL and not is_own(
            str(address)):
        raise Problem(
            f'{host} is reached by ansible_connection='
            f'{variables["ansible_connection"]}, which is this machine, and '
            f'its {name or "name"} is {address}, which is none of its '
            'addresses',
            f'Remove ansible_connection if {host} is another machine, and '
            'correct the address if it is this one')


def is_own(address):
    """Tell whether an address, or a name, is one of this machine (bool). No
    name server is asked."""
    nodename = os.uname().nodename.lower()
    if address.lower() in (*_LOCALHOST, nodename, nodename.split('.')[0]):
        return True
    try:
        there = ipaddress.ip_address(address)
    except ValueError:
        return False
    if there.is_loopback or there.is_unspecified:
        return True
    family = socket.AF_INET6 if there.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the kernel says what it would send from.
            probe.connect((address, 9))
            return probe.getsockname()[0] == address.partition('%')[0]
        except OSError:
            return False


def _demand_name(host):
    if not _NAME.fullmatch(host) or len(host.encode()) > _LONGEST_NAME:
        raise Problem(
            f'{host!r} is no name for a node: its backups are kept under it',
            'Call the host by letters, digits, dots, dashes and underscores, '
            f'{_LONGEST_NAME} at most, and write its address as ansible_host')


def _demand_address(host, name, address):
    try:
        ipaddress.ip_address(address)
        return
    except ValueError:
        if _NAME.fullmatch(address) and ':' not in address and (
                not address.isdigit()):
            return
    raise Problem(
        f'{name or "The name"} of {host} is {address!r}, and no address',
        'Write a name or an IP address and nothing else: the port belongs '
        'into ansible_port, the user into ansible_user, and an address of '
        'IPv6 has no brackets')


def _demand_connection(host, variables):
    connection = variables.get('ansible_connection', ssh.REMOTE[0])
    if connection not in ssh.LOCAL + ssh.REMOTE:
        raise Problem(
            f'ansible_connection of {host} is {connection}, and neither ssh '
            'nor local',
            'Let the service in over SSH with a key, and remove it')


def _first(variables, names, default):
    for name in names:
        if variables.get(name) is not None:
            return name, variables[name]
    return None, default


def _port(host, variables):
    name, value = _first(variables, _PORT, 22)
    try:
        port = int(value)
    except (TypeError, ValueError):
        port = 0
    if isinstance(value, bool) or not 0 < port < 65536:
        raise Problem(f'{name} of {host} is {value!r}, and no port',
                      'Write a number from 1 to 65535')
    return port


def _text(host, name, value):
    if isinstance(value, (dict, list, bool)):
        raise Problem(f'{name} of {host} is {value!r}, and no text',
                      'Write one name or address')
    return None if value is None else str(value)


def _words(host, name, variables):
    """Read a list, or words in one line as INI inventories have them."""
    value = variables.get(name)
    if isinstance(value, str):
        value = value.replace(',', ' ').split()
    if not isinstance(value or [], list):
        raise Problem(f'{name} of {host} is {value!r}, and no list',
                      'Write a list, or words separated by commas')
    return tuple(map(str, value or ()))
