# SPDX-License-Identifier: Apache-2.0
"""Pacemaker's devices that would turn one machine off, suppressed
while that machine is restored. Items are ``fence:`` and a host name."""
import time

from baas.node.cluster import membership
from baas.node import errors
from baas.node.services import base
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import presence

_ROLE = 'target-role'
_STOPPED = 'Stopped'
_HINT = 'Look at crm_mon on the node.'


class Fence(base.Service):
    """See :class:`base.Service`. Its things are the ids of devices."""

    kind = 'fence'
    prefix = 'fence'
    client_visible = False
    freeze_stage = 0

    def find(self, items, view):
        """See :class:`base.Service`; those that are off are left alone."""
        hosts = {_short(item.partition(':')[2]) for item in items
                 if base.prefix(item) == self.prefix}
        if not hosts or not membership.pacemaker():
            return []
        return sorted(device for device, found in _devices().items()
                      if found['hosts'] and found['hosts'] <= hosts
                      and found['role'] != _STOPPED)

    def plan_undos(self, things, mode):
        """See :class:`base.Service`."""
        known = _devices() if things else {}
        return [{'kind': self.kind, 'thing': thing, 'mode': mode,
                 'was': known[thing]['role']}
                for thing in things if thing in known]

    def quiesce(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        for undo in undos:
            _set(undo['thing'], _STOPPED)

    def resume(self, undos, until):
        """See :class:`base.Service`; what somebody else has done to a device
        meanwhile stays."""
        undos = list(undos)
        while undos:
            try:
                known = _devices()
                for undo in list(undos):
                    if known.get(undo['thing'], {}).get('role') == _STOPPED:
                        _set(undo['thing'], undo['was'])
                    undos.remove(undo)
                    yield undo
            except errors.NodeError:
                # Right after a reboot the cluster is not there yet.
                if clock.boottime() >= until:
                    return
                time.sleep(0.5)


def parse(text):
    """Read what cibadmin says of resources.

    :returns: {id of each device for fencing: {'hosts': short names of those
        that it is for, as far as the configuration says so; 'role': what
        they are told to be, or None}}.
    """
    found = {}
    for device in membership.read_xml('cibadmin', text).iter('primitive'):
        if device.get('class') != 'stonith':
            continue
        told = {pair.get('name'): pair.get('value') or ''
                for pair in device.findall('instance_attributes/nvpair')}
        meta = {pair.get('name'): pair.get('value')
                for pair in device.findall('meta_attributes/nvpair')}
        hosts = told.get('pcmk_host_list', '').replace(',', ' ').split() + [
            one.partition(':')[0] for one in told.get(
                'pcmk_host_map', '').replace(',', ';').split(';')]
        found[device.get('id')] = {
            'hosts': {_short(host.strip()) for host in hosts if host.strip()},
            'role': meta.get(_ROLE)}
    return found


def _devices():
    return parse(presence.ask(
        _tool('cibadmin') + ['--query', '--scope', 'resources'], _HINT, 20))


def _set(device, role):
    words = (['--delete-parameter', _ROLE] if role is None else
             ['--set-parameter', _ROLE, '--parameter-value', role])
    command.run(_tool('crm_resource') + ['--resource', device, '--meta']
                + words, _HINT, 30)


def _short(host):
    return host.split('.')[0]


def _tool(word):
    return membership.tool(word) or [word]
