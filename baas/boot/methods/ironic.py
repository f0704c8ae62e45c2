# SPDX-License-Identifier: Apache-2.0
"""Boot method ironic: through the Bare Metal service, with the node active
and its disks never cleaned."""
from baas.boot import base
from baas.boot.ironic import fields
from baas.boot.ironic import inventory
from baas.boot.ironic import node as ironic_node

_MEDIA, _ISO, _RAMDISK = 'virtual-media', 'boot-iso', 'ramdisk'
_OLD, _DEVICE, _POWER, _CD = 'fields', 'boot_device', 'power', 'cd'
_ATTACH = (1, 89)  # API version that attaches media to active nodes


class IronicBoot(base.Boot):
    """Boots a node by virtual media or by a rebuild.

    What it owes: ``fields`` (those that a rebuild changes), ``cd`` (one is
    inserted), ``boot_device``, and ``power`` (the state before it was
    changed).
    """
    how = ('The Bare Metal service boots it, by virtual media or by a '
           'rebuild')

    def files(self, machine):
        """See :class:`base.Boot`."""
        node = ironic_node.Node(self.conf, machine.node, lambda: None)
        return (('kernel', 'initrd') if self._way(node.look()) == _RAMDISK
                else ('iso',))

    def disks(self, machine):
        """See :class:`base.Boot`: it was an inspection that looked."""
        return inventory.disks(self._inventory(machine))

    def cards(self, machine):
        """See :class:`base.Boot`."""
        return inventory.cards(self._inventory(machine))

    def _inventory(self, machine):
        node = ironic_node.Node(self.conf, machine.node, lambda: None)
        try:
            node.look()
            return node.inventory() or {}
        except base.BootError:
            # Nothing depends on it, and not everybody may read it.
            return {}

    def problems(self, machine):
        """See :class:`base.Boot`."""
        try:
            node = ironic_node.Node(self.conf, machine.node, lambda: None)
            problems = _state_problems(machine, node.look())
            if problems:
                return problems
            # Locks and power changes are short, as a rule.
            found = node.at_rest(self.conf.boot_ironic.api_limit)
            # The BMC is asked, and not only the service.
            _device(node)
            way = self._way(found)
            return self._way_problems(way, node, found)
        except base.BootError as error:
            return [base.Problem(str(error), error.hint)]

    def start(self, machine, images, debt, tell):
        """See :class:`base.Boot`."""
        node = ironic_node.Node(self.conf, machine.node, debt.admit)
        found = node.at_rest(self.conf.boot_ironic.api_limit)
        way = self._way(found)
        tell(f'Booting node {found.id} of the Bare Metal service by {way}.')
        _owe(debt, _DEVICE, _device(node))
        if way == _MEDIA:
            self._by_media(node, found, images, debt)
        else:
            self._by_rebuild(node, found, way, images, debt)

    def from_disk(self, machine, debt):
        """See :class:`base.Boot`."""
        node = ironic_node.Node(self.conf, machine.node, debt.admit)
        node.look()
        self._undo(node, debt)
        device = debt.get(_DEVICE)
        if device and device['boot_device']:
            node.boot_from('disk', True)

    def put_back(self, machine, debt, power):
        """See :class:`base.Boot`."""
        if not any(debt.get(name) is not None
                   for name in (_OLD, _CD, _DEVICE, _POWER)):
            return
        node = ironic_node.Node(self.conf, machine.node, debt.admit)
        node.look()
        self._undo(node, debt)
        device = debt.get(_DEVICE)
        if device and device['boot_device'] and _device(node) != device:
            node.boot_from(device['boot_device'], bool(device['persistent']))
        debt.settle(_DEVICE)
        before = debt.get(_POWER)
        now = node.at_rest().power_state
        if before and power == 'off' and now != 'power off':
            node.power('power off')
        elif before and power == 'before':
            if before == 'power on':
                node.power('rebooting' if now == before else before)
            elif now != before:
                node.power(before)
        debt.settle(_POWER)

    def _by_media(self, node, found, images, debt):
        _owe(debt, _CD, True)
        # Somebody who died may have inserted it already.
        if node.media():
            node.eject()
        node.insert(images.address('iso'))
        node.boot_from('cdrom', False)
        _owe(debt, _POWER, found.power_state)
        node.power('rebooting' if found.power_state == 'power on'
                   else 'power on')

    def _by_rebuild(self, node, found, way, images, debt):
        if way == _ISO and _attaches(found):
            # The service inserts it, and would leave it there.
            _owe(debt, _CD, True)
        _owe(debt, _OLD, fields.saved(found))
        old = debt.get(_OLD)
        if found.is_protected:
            node.patch([{'op': 'add', 'path': '/protected', 'value': False}])
        make = (fields.for_iso if way == _ISO
                else fields.for_ramdisk)
        fields.apply(node, make(images, old),
                     f'{fields.MARK}{debt.job_id}')
        if node.look().is_maintenance:
            node.maintenance(False)
        node.validate()
        _owe(debt, _POWER, found.power_state)
        node.rebuild()

    def _undo(self, node, debt):
        """Put back all but the boot device and the power state."""
        if debt.get(_CD):
            node.eject()
            debt.settle(_CD)
        old = debt.get(_OLD)
        if old is None:
            return
        if node.at_rest().provision_state == 'deploy failed':
            # There are two ways out, and the other one cleans the disks.
            fields.forget_params(node)
            if node.look().is_maintenance:
                node.maintenance(False)
            node.rebuild()
        fields.apply(node, old, f'{fields.MARK}{debt.job_id}')
        fields.end(node, old)
        debt.settle(_OLD)

    def _way(self, found):
        chosen = self.conf.boot_ironic.way
        if chosen != 'auto':
            return chosen
        if 'redfish' not in (found.management_interface or ''):
            return _RAMDISK
        return _MEDIA if _attaches(found) else _ISO

    def _way_problems(self, way, node, found):
        problems = []
        media = node.media() if way != _RAMDISK else None
        if media:
            problems.append(base.Problem(
                f'Node {found.id} has a CD inserted already: {media}.',
                'Detach it if nobody needs it any more, with "openstack '
                'baremetal node detach vmedia".'))
        if way == _ISO and found.driver_internal_info.get(
                'is_whole_disk_image'):
            problems.append(base.Problem(
                f'Node {found.id} was deployed with an image of a whole '
                f'disk, after which the Bare Metal service boots the disk '
                f'instead of an ISO.',
                'Set [boot_ironic] way to ramdisk, or use a release with API '
                '1.89 and virtual-media.'))
        return problems


def _state_problems(machine, found):
    if found.provision_state != 'active':
        return [base.Problem(
            f'Node {found.id} of the Bare Metal service is '
            f'{found.provision_state}, and only an active one is restored.',
            'Let what is done to it come to its end, or make it active.')]
    if found.fault:
        return [base.Problem(
            f'The Bare Metal service does not reach the BMC of node '
            f'{found.id}: {found.fault}.',
            'Make the BMC answer; the service notices by itself.')]
    if (machine.boot_mode and found.boot_mode
            and machine.boot_mode != found.boot_mode):
        return [base.Problem(
            f'Node {found.id} boots in {found.boot_mode} mode, and the '
            f'backup is of a system that boots in {machine.boot_mode} mode.',
            'Set the boot mode of the machine to that of the backup.')]
    return []


def _attaches(found):
    version = tuple(map(int, (found.microversion or '1.1').split('.')))
    return version >= _ATTACH


def _device(node):
    """Give the boot device; one that the hardware cannot tell is None."""
    try:
        return node.boot_device()
    except ironic_node.Refused as error:
        if 'does not support' in str(error):
            return {'boot_device': None, 'persistent': None}
        raise


def _owe(debt, name, value):
    """Write down what was before, unless somebody who died has: then what
    is now is not what was."""
    if debt.get(name) is None:
        debt.owe(name, value)
