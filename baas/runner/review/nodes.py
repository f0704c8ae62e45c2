# SPDX-License-Identifier: Apache-2.0
"""What is wrong with one node. Nobody is logged in to."""
import os

from oslo_utils import netutils
from oslo_utils import uuidutils

from baas.runner import hosts
from baas.runner.review import finding
from baas.runner.review import openssh
from baas.runner.review import reach as reaching
from baas import ssh

NEEDS = {'ironic': hosts.NAMES, 'pxe': ('macs',)}
"""Which names of a node a boot method needs, one of them."""


def findings(reach, conf):
    """Say what is wrong with a node by itself.

    :param reach: :class:`baas.runner.review.reach.Reach`.
    :returns: list of :class:`baas.runner.review.finding.Finding`.
    """
    if reach.node.problem:
        return [finding.Finding(*reach.node.problem)]
    found = [*_login(reach), *_ids(reach.node), *_bare_metal(reach, conf)]
    if not reach.is_local:
        found += [*_key(reach), *_way(reach, conf)]
    return found


def _login(reach):
    name = reach.node.name
    if reach.passwords:
        yield finding.Finding(
            f'The inventory reaches {name} with a password '
            f'({", ".join(reach.passwords)})',
            f'Let the user of the service in to {name} with a key, let it '
            'become root with sudo and no password, and remove the variable')
    if reach.become_method not in ('sudo', 'ansible.builtin.sudo'):
        yield finding.Finding(
            f'ansible_become_method of {name} is {reach.become_method}, and '
            'not sudo', f'Let the user of {name} become root with sudo and no '
                        'password')
    if reach.physical_host:
        yield finding.Finding(
            f'{name} is a container on {reach.physical_host}, by its '
            'variable physical_host, and no machine',
            'Name the group of the hosts of the containers in [targets]')


def _key(reach):
    if reach.key is None:
        return
    path = reaching.expanded(reach.key)
    if not (os.path.isfile(path) and os.access(path, os.R_OK)):
        yield finding.Finding(
            f'The private key {path} of {reach.node.name} is not on this '
            'machine, or its user cannot read it',
            'Run this as the user of the service; where the inventory is from '
            'another machine, write the path of a key that is let in as '
            f'ansible_ssh_private_key_file of {reach.node.name}')


def _way(reach, conf):
    node = reach.node
    try:
        way = openssh.ask(reach, conf)
    except openssh.NotUnderstood as error:
        names = error.name or ' or '.join(
            [name for name, _ in reach.arguments]) or 'the SSH configuration'
        yield finding.Finding(
            f'OpenSSH does not understand what {names} tells it for '
            f'{node.name}', 'Correct it until "ssh -G ADDRESS" takes the same '
                            'arguments')
        return
    if way.is_direct:
        there = reaching.addresses(way.host)
        if not there:
            yield finding.Finding(
                f'{node.name} has no address: nobody knows {way.host}',
                f'Write its address as ansible_host of {node.name}, or let '
                'this machine resolve the name; where the deployment has not '
                'given it one yet, wait until it has')
            return
        if (any(map(hosts.is_own, there)) and not reach.is_own
                and node.target not in conf.targets.own_machine):
            yield finding.Finding(
                f'{node.name} is the machine that the service itself runs '
                f'on, by its address {way.host}'
                + (f', which is {", ".join(there)}'
                   if there != [way.host] else ''),
                f'Write the address of {node.name} as ansible_host; only if '
                'the service does run on it, set [targets] own_machine = '
                f'{node.target}')
    if way.is_checked and not openssh.is_known(way):
        yield finding.Finding(
            f'The host key of {node.name} is not known: {way.names[0]} is in '
            f'none of {", ".join(way.files)}', ssh.ADD.rstrip('.'))


def _ids(node):
    for name in ('baremetal_uuid', 'instance_uuid'):
        value = getattr(node, name)
        if value and not uuidutils.is_uuid_like(value):
            yield finding.Finding(
                f'{name} of {node.name} is {value!r}, and no UUID',
                'Write it as the Bare Metal service shows it; a name belongs '
                'into baremetal_name')
    for mac in node.macs:
        if not netutils.is_valid_mac(mac):
            yield finding.Finding(
                f'{mac!r} in baremetal_macs of {node.name} is no MAC address',
                'Write it as 52:54:00:12:34:56')


def _bare_metal(reach, conf):
    node, method = reach.node, conf.boot.method
    names = NEEDS.get(method)
    if names is None and not (
            node.macs or any(getattr(node, name) for name in hosts.NAMES)):
        yield finding.Finding(
            f'{node.name} has no bare metal id, and so no unattended restore: '
            f'with boot method {method} somebody has to boot the machine',
            'Write baremetal_uuid, or baremetal_macs for boot method pxe, if '
            'it is to be restored with nobody there', is_wrong=False)
    elif names and not any(getattr(node, name) for name in names):
        words = ' or '.join('baremetal_macs' if name == 'macs' else name
                            for name in names)
        yield finding.Finding(
            f'{node.name} has no {words}, and so boot method {method} cannot '
            'restore it', 'Write one of them, as the Bare Metal service '
            'shows it' if method == 'ironic' else
            'Write the MAC addresses that it may boot from')
