# SPDX-License-Identifier: Apache-2.0
"""A DHCP server on the lab's network that nobody wanted there: it answers
sooner than the lab's own, and offers boot files that it does not have."""
from baremetal_lab import daemons
from baremetal_lab import places
from container_lab import running

_NAME = 'stranger'
_NAMESPACE = 'baas-metal-stranger'
_LINK = 'bm-stranger'
_ADDRESS = f'{places.lab.NETWORK}.240'
_RANGE = f'{places.lab.NETWORK}.200,{places.lab.NETWORK}.219'
_TOLD = ('--keep-in-foreground', '--conf-file=/dev/null', '--port=0',
         '--interface=eth0', '--bind-interfaces', '--user=root',
         '--log-dhcp', '--log-facility=-', '--dhcp-authoritative',
         f'--dhcp-range={_RANGE},255.255.255.0,1h',
         f'--dhcp-boot=nothing.ipxe,,{_ADDRESS}', '--leasefile-ro')


def start():
    """Plug it in."""
    if daemons.processes(_NAME):
        return
    stop()
    running.run('ip', 'netns', 'add', _NAMESPACE)
    running.run('ip', 'link', 'add', _LINK, 'type', 'veth', 'peer', 'name',
                'eth0', 'netns', _NAMESPACE)
    running.run('ip', 'link', 'set', _LINK, 'master', places.lab.BRIDGE, 'up')
    _inside('ip', 'address', 'add', f'{_ADDRESS}/24', 'dev', 'eth0')
    _inside('ip', 'link', 'set', 'eth0', 'up')
    daemons.start(_NAME, ['ip', 'netns', 'exec', _NAMESPACE, 'dnsmasq',
                          *_TOLD])
    running.wait_for('a second DHCP server', _listens, 10,
                     daemons.log_of(_NAME))


def stop():
    """Unplug it."""
    daemons.stop(_NAME)
    running.works('ip', 'link', 'delete', _LINK)
    running.works('ip', 'netns', 'delete', _NAMESPACE)


def _inside(*command):
    return running.run('ip', 'netns', 'exec', _NAMESPACE, *command)


def _listens():
    return ':67 ' in _inside('ss', '-lunH')
