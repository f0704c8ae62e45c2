"""The inventory as kolla-ansible has it for several nodes."""

from container_lab import places

_SERVICES = {'mariadb': 'control', 'rabbitmq': 'control', 'keystone': 'control', 'nova': 'control',
             'ovn-database': 'control', 'loadbalancer': 'network', 'neutron-server': 'control'}


def of_groups(plain):
    """Return the inventory of the lab in that form.

    :param plain: the one in which each group has its hosts.
    """
    hosts = {node.name: dict(plain['Controller']['hosts'][node.name], api_interface='host0')
             for node in places.CONTROLLERS}
    found = {'control': {'hosts': hosts}, 'network': {'hosts': {name: {} for name in hosts}}, 'compute': {},
             'storage': {}, 'monitoring': {}, 'deployment': {'hosts': plain['Undercloud']['hosts']},
             'baremetal': {'children': {name: {} for name in ('control', 'network', 'compute', 'storage')}},
             'Storage': plain['Storage']}
    for service, group in _SERVICES.items():
        found[service] = {'children': {group: {}}}
    return found
