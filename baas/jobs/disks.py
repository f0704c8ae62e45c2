# SPDX-License-Identifier: Apache-2.0
"""Which disk of a machine takes what of a backup."""
from baas.node.disks import matching
from baas.node import errors


def mapping(layout, target_devices=None):
    """Tell where the file systems of a backup will be written.

    The one place that says so. What has compared the disks of the backup
    with those of the machine gives ``onto``; until then nobody knows.

    :param layout: ``layout`` of the manifest.
    :param target_devices: mapping of mount point to where it will be written
        (str).
    :returns: list of {mountpoint, fstype, size_bytes, used_bytes, was: the
        device that it was on, onto: None while it is not known}.
    """
    return [{'mountpoint': one['mountpoint'], 'fstype': one.get('fstype'),
             'size_bytes': one.get('size'), 'used_bytes': one.get('used'),
             'source_device': one.get('device'),
             'target_device': (target_devices or {}).get(one['mountpoint'])}
            for one in layout.get('filesystems', ())]


def expect(layout, present):
    """Foresee what a rescue system will choose, by what is known before it
    runs.

    :param layout: ``layout`` of the manifest.
    :param present: disks of the machine, as :mod:`baas.node.disks.matching`
        has them.
    :returns: (mapping as :func:`mapping` takes it, sentences).
    """
    lies = {one['mountpoint']: _lies_on(one, layout)
            for one in layout['filesystems']}
    wanted = [disk for disk in layout['disks']
              if disk['name'] in sum(lies.values(), [])]
    try:
        chosen = matching.choose(wanted, present, layout['disks'])
    except errors.NodeError as error:
        return None, [error.cause]
    names = {one['from']: one['to'] for one in chosen}
    return ({mountpoint: ', '.join(names[name] for name in known)
             for mountpoint, known in lies.items()
             if known and names.keys() >= set(known)},
            ['{from} becomes {to}, {why}.'.format(**one) for one in chosen])


def _lies_on(one, layout):
    """Name the disks of a backup that a file system was on; those of old
    manifests are only known where there was no other."""
    known = [disk['name'] for disk in layout['disks']]
    return one.get('disks', known if len(known) == 1 else [])
