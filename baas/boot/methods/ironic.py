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

    What it writes down: ``fields`` (those that a rebuild changes), ``cd`` (one
    is inserted), ``boot_device``, and ``power`` (the state before it was
    changed).
    """
    description = ('The Bare Metal service boots it, by virtual media or by a '
                   'rebuild')

    def files(self, machine):
        """See :class:`base.Boot`."""
        node = ironic_node.Node(self.conf, machine.node, lambda: None)
        return (('kernel', 'initrd')
                if self._mechanism(node.look()) == _RAMDISK
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
            found = node.wait_idle(self.conf.boot_ironic.api_timeout)
            # The BMC is asked, and not only the service.
            _device(node)
            mechanism = self._mechanism(found)
            return self._mechanism_problems(mechanism, node, found)
        except base.BootError as error:
            return [base.Problem(str(error), error.hint)]

    def start(self, machine, images, undo, report):
        """See :class:`base.Boot`."""
        node = ironic_node.Node(self.conf, machine.node, undo.check_lease)
        found = node.wait_idle(self.conf.boot_ironic.api_timeout)
        mechanism = self._mechanism(found)
        report(f'Booting node {found.id} of the Bare Metal service by '
               f'{mechanism}.')
        _save_undo(undo, _DEVICE, _device(node))
        if mechanism == _MEDIA:
            self._by_media(node, found, images, undo)
        else:
            self._by_rebuild(node, found, mechanism, images, undo)

    def boot_from_disk(self, machine, undo):
        """See :class:`base.Boot`."""
        node = ironic_node.Node(self.conf, machine.node, undo.check_lease)
        node.look()
        self._undo(node, undo)
        device = undo.get(_DEVICE)
        if device and device['boot_device']:
            node.boot_from('disk', True)

    def cleanup(self, machine, undo, power):
        """See :class:`base.Boot`."""
        if not any(undo.get(name) is not None
                   for name in (_OLD, _CD, _DEVICE, _POWER)):
            return
        node = ironic_node.Node(self.conf, machine.node, undo.check_lease)
        node.look()
        self._undo(node, undo)
        device = undo.get(_DEVICE)
        if device and device['boot_device'] and _device(node) != device:
            node.boot_from(device['boot_device'], bool(device['persistent']))
        undo.clear(_DEVICE)
        before = undo.get(_POWER)
        now = node.wait_idle().power_state
        if before and power == 'off' and now != 'power off':
            node.power('power off')
        elif before and power == 'before':
            if before == 'power on':
                node.power('rebooting' if now == before else before)
            elif now != before:
                node.power(before)
        undo.clear(_POWER)

    def _by_media(self, node, found, images, undo):
        _save_undo(undo, _CD, True)
        # Somebody who died may have inserted it already.
        if node.media():
            node.eject()
        node.insert(images.address('iso'))
        node.boot_from('cdrom', False)
        _save_undo(undo, _POWER, found.power_state)
        node.power('rebooting' if found.power_state == 'power on'
                   else 'power on')

    def _by_rebuild(self, node, found, mechanism, images, undo):
        if mechanism == _ISO and _attaches(found):
            # The service inserts it, and would leave it there.
            _save_undo(undo, _CD, True)
        _save_undo(undo, _OLD, fields.saved(found))
        old = undo.get(_OLD)
        if found.is_protected:
            node.patch([{'op': 'add', 'path': '/protected', 'value': False}])
        make = (fields.for_iso if mechanism == _ISO
                else fields.for_ramdisk)
        fields.apply(node, make(images, old),
                     f'{fields.MARK}{undo.job_id}')
        if node.look().is_maintenance:
            node.maintenance(False)
        node.validate()
        _save_undo(undo, _POWER, found.power_state)
        node.rebuild()

    def _undo(self, node, undo):
        """Put back all but the boot device and the power state."""
        if undo.get(_CD):
            node.eject()
            undo.clear(_CD)
        old = undo.get(_OLD)
        if old is None:
            return
        if node.wait_idle().provision_state == 'deploy failed':
            # There are two ways out, and the other one cleans the disks.
            fields.forget_params(node)
            if node.look().is_maintenance:
                node.maintenance(False)
            node.rebuild()
        fields.apply(node, old, f'{fields.MARK}{undo.job_id}')
        fields.end(node, old)
        undo.clear(_OLD)

    def _mechanism(self, found):
        chosen = self.conf.boot_ironic.mechanism
        if chosen != 'auto':
            return chosen
        if 'redfish' not in (found.management_interface or ''):
            return _RAMDISK
        return _MEDIA if _attaches(found) else _ISO

    def _mechanism_problems(self, mechanism, node, found):
        problems = []
        media = node.media() if mechanism != _RAMDISK else None
        if media:
            problems.append(base.Problem(
                f'Node {found.id} has a CD inserted already: {media}.',
                'Detach it if nobody needs it any more, with "openstack '
                'baremetal node detach vmedia".'))
        if mechanism == _ISO and found.driver_internal_info.get(
                'is_whole_disk_image'):
            problems.append(base.Problem(
                f'Node {found.id} was deployed with an image of a whole '
                f'disk, after which the Bare Metal service boots the disk '
                f'instead of an ISO.',
                'Set [boot_ironic] mechanism to ramdisk, or use a release '
                'with API 1.89 and virtual-media.'))
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


def _save_undo(undo, name, value):
    """Write down what was before, unless somebody who died has: then what
    is now is not what was."""
    if undo.get(name) is None:
        undo.add(name, value)
