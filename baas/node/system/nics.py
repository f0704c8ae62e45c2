# SPDX-License-Identifier: Apache-2.0
"""Network cards: which one of a machine takes the place of which one of a
backup, and the settings that know a card by its address."""
import glob
import os
import re

from baas.node.system import presence
from baas.node.system import sysfs

_NET = '/sys/class/net'
_SLOT = re.compile(r'[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]')
_SETTINGS = (
    'etc/udev/rules.d/*.rules', 'etc/systemd/network/*', 'etc/netplan/*',
    'etc/sysconfig/network-scripts/ifcfg-*', 'etc/sysconfig/network/ifcfg-*',
    'etc/NetworkManager/system-connections/*', 'etc/network/interfaces',
    'etc/network/interfaces.d/*', 'etc/os-net-config/*')
"""Files that may name a card by its address: of udev, systemd, netplan,
NetworkManager, Red Hat, SUSE, Debian and TripleO."""
_MOST = 1 << 20  # bytes: what is larger is no such file


def present(top=_NET):
    """List the cards of this machine.

    :param top: where the kernel shows its network devices.
    :returns: list of {name; mac, in small letters; slot: where it is on the
        bus, '' if not known}.
    """
    found = []
    for name in sorted(os.listdir(top)):
        device = os.path.join(top, name, 'device')
        # Bridges and the like are no devices; nor are functions of a card
        # that are handed to guests.
        if not os.path.exists(device) or os.path.exists(
                os.path.join(device, 'physfn')):
            continue
        # All that are in a bond have its address.
        mac = (sysfs.read(top, name, 'bonding_slave/perm_hwaddr')
               or sysfs.read(top, name, 'address')).lower()
        slots = _SLOT.findall(os.path.realpath(device))
        found.append({'name': name, 'mac': mac,
                      'slot': slots[-1] if slots else ''})
    return found


def choose(wanted, there):
    """Find the cards that take the place of those that are gone.

    :param wanted: those of the backup, as of :func:`present`.
    :param there: those of the machine.
    :returns: (list of {name, from, to: addresses, why}, names without any).
    """
    gone = [one for one in wanted if one['mac'] not in _macs(there)]
    free = [one for one in there if one['mac'] not in _macs(wanted)]
    chosen = []
    for one in list(gone):
        same = [new for new in free if new['slot']
                and new['slot'] == one['slot']]
        if len(same) == 1:
            _take(one, same[0], 'in the same slot', gone, free, chosen)
    if len(gone) == len(free) == 1:
        _take(gone[0], free[0], 'the only one left', gone, free, chosen)
    return chosen, [one['name'] for one in gone]


def _macs(cards):
    return {one['mac'] for one in cards}


def _take(old, new, why, gone, free, chosen):
    chosen.append({'name': old['name'], 'from': old['mac'],
                   'to': new['mac'], 'why': why})
    gone.remove(old)
    free.remove(new)


def sentences(chosen, lost):
    """Say what :func:`choose` has found (list of str)."""
    return (['Network card %(name)s, %(from)s, becomes %(to)s, %(why)s.' % one
             for one in chosen]
            + ['No network card takes the place of %s: what is set for it '
               'stays as it is.' % name for name in lost])


def adapt(root, chosen):
    """Let the settings of a restored system know the new cards.

    :param root: top of the tree (str).
    :param chosen: as of :func:`choose`.
    :returns: paths of what was changed, as the node will know them.
    """
    new = {one['from']: one['to'] for one in chosen}
    if not new:
        return []
    # With any of the signs that stand between two bytes.
    known = re.compile('|'.join(
        mac.replace(':', '[:-]') for mac in sorted(new)).encode('ascii'),
        re.IGNORECASE)

    def replaced(match):
        was = match.group().decode('ascii')
        now = new[was.lower().replace('-', ':')]
        if '-' in was:
            now = now.replace(':', '-')
        return (now.upper() if was.upper() == was else now).encode('ascii')

    root, changed = os.path.realpath(root), []
    for form in _SETTINGS:
        for path in sorted(glob.glob(os.path.join(glob.escape(root), form))):
            # A link may lead out of the tree.
            if os.path.realpath(path) == path and os.path.isfile(path) \
                    and _rewrite(path, known, replaced):
                changed.append('/' + os.path.relpath(path, root))
    return changed


def _rewrite(path, known, replaced):
    if os.path.getsize(path) > _MOST:
        return False
    # In its place, so that owner, mode and attributes stay.
    with open(path, 'r+b') as handle:
        was = handle.read()
        now = known.sub(replaced, was)
        if now == was:
            return False
        handle.seek(0)
        handle.write(now)
        handle.truncate()
        os.fsync(handle.fileno())
    return True


def own_addresses():
    """Give the addresses of this node, as text.

    :raises errors.Unknown: nobody can tell.
    """
    words = ['ip', '-o', 'address', 'show']
    hint = 'See what ip address says, and install iproute2 if need be.'
    out = presence.ask(words, hint, 20)
    found = {line.split()[3].partition('/')[0]
             for line in out.splitlines()
             if line.split()[2:3] in (['inet'], ['inet6'])}
    if not found:
        raise presence.unreadable(words, out, hint)
    return found
