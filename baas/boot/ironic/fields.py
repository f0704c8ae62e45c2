# SPDX-License-Identifier: Apache-2.0
"""The fields of a bare metal node that a rebuild into the rescue system
changes: what they were, what they become, and the way back."""

MARK = 'Backup service, job '
"""How the reason of a maintenance of ours begins."""
_INFO = ('image_source', 'image_type', 'original_image_source', 'kernel',
         'ramdisk', 'boot_iso', 'kernel_append_params')
"""What is changed in instance_info, by us or by the service. Secrets are
never among it, for the service does not show them: whoever writes the whole
of it back writes asterisks."""
_FACES = ('deploy_interface', 'boot_interface')


def saved(found):
    """Give what is to be put back (dict).

    :param found: the node, as :mod:`baas.boot.ironic.node` gives it.
    """
    info = found.instance_info or {}
    return {'instance_info': {name: info[name] for name in _INFO
                              if name in info},
            **{face: getattr(found, face) for face in _FACES},
            'protected': bool(found.is_protected),
            'protected_reason': found.protected_reason,
            'maintenance': bool(found.is_maintenance),
            'maintenance_reason': found.maintenance_reason}


def for_ramdisk(images, old):
    """Give the fields that boot kernel and initrd over the network."""
    kernel = images.address('kernel')
    return {
        'deploy_interface': 'ramdisk', 'boot_interface': old['boot_interface'],
        'instance_info': {
            # The service drops kernel and ramdisk beside an image of Glance,
            # and stumbles where there is none. The type keeps it from
            # taking what it knows of the image before for true of this.
            'image_source': kernel, 'image_type': 'partition',
            'kernel': kernel, 'ramdisk': images.address('initrd'),
            'kernel_append_params': images.params}}


def for_iso(images, old):
    """Give the fields that boot the ISO."""
    face = old['boot_interface']
    return {
        'deploy_interface': 'ramdisk',
        'boot_interface': face if face.endswith('virtual-media')
        else 'redfish-virtual-media',
        # An ISO and an image exclude each other.
        'instance_info': {'boot_iso': images.address('iso')}}


def changes(found, wanted):
    """Give the JSON patch that makes the fields what they shall be.

    :param found: the node as it is.
    :param wanted: mapping with instance_info and interfaces, such as
        :func:`saved` gives.
    """
    patch = []
    info = found.instance_info or {}
    for name in _INFO:
        value = wanted['instance_info'].get(name)
        if value is None and name in info:
            patch.append({'op': 'remove', 'path': f'/instance_info/{name}'})
        elif value is not None and info.get(name) != value:
            patch.append({'op': 'add', 'path': f'/instance_info/{name}',
                          'value': value})
    return patch + [
        {'op': 'add', 'path': f'/{face}', 'value': wanted[face]}
        for face in _FACES if getattr(found, face) != wanted[face]]


def apply(node, wanted, reason):
    """Make the fields what they shall be, in a maintenance, without which
    the service does not change interfaces of an active node.

    :param node: :class:`baas.boot.ironic.node.Node`.
    :param wanted: see :func:`changes`.
    :param reason: why there is a maintenance, if there is none.
    """
    found = node.wait_idle()
    patch = changes(found, wanted)
    if not patch:
        return
    if not found.is_maintenance:
        node.maintenance(True, reason)
    node.patch(patch)


def forget_params(node):
    """Take the parameters of the kernel off, which may be why a rebuild has
    failed: the service looks at them only then."""
    if 'kernel_append_params' in (node.look().instance_info or {}):
        node.patch([{'op': 'remove',
                     'path': '/instance_info/kernel_append_params'}])


def end(node, old):
    """Put maintenance and protection back.

    :param old: what :func:`saved` gave.
    """
    found = node.wait_idle()
    reason = found.maintenance_reason or ''
    if old['maintenance']:
        if (not found.is_maintenance
                or reason != (old['maintenance_reason'] or '')):
            node.maintenance(True, old['maintenance_reason'])
    elif found.is_maintenance and reason.startswith(MARK):
        # Any other is of somebody else, or of the service itself, which
        # cannot reach the BMC and ends it when it can.
        node.maintenance(False)
    if old['protected'] and not found.is_protected:
        patch = [{'op': 'add', 'path': '/protected', 'value': True}]
        if old['protected_reason']:
            patch.append({'op': 'add', 'path': '/protected_reason',
                          'value': old['protected_reason']})
        node.patch(patch)
