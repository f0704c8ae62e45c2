"""The inventory as tripleo-ansible-inventory writes it: groups without hosts above those of the stack."""

from container_lab import places
from container_lab.tripleo import settings

_STACK = 'overcloud'
_SERVICES = 'mysql rabbitmq haproxy pacemaker keystone nova_api swift_storage ovn_dbs neutron_dhcp'.split()


def of_stack(plain):
    """Return the inventory of the lab in that form.

    :param plain: the one in which each group has its hosts.
    """
    own = {'ansible_ssh_user': places.ADMIN}
    controllers = plain['Controller']
    controllers['vars'] |= own | {'serial': 1, 'bootstrap_server_id': places.CONTROLLERS[0].identity('instance'),
                                  'tripleo_role_networks': ['ctlplane', 'internal_api']}
    for node in places.CONTROLLERS:
        controllers['hosts'][node.name] |= {
            'internal_api_ip': node.address, 'internal_api_hostname': settings.name_of(node),
            'canonical_hostname': f'{node.name}.localdomain', 'deploy_server_id': node.identity('instance')}
    found = {
        'Undercloud': plain['Undercloud'], 'Storage': plain['Storage'],
        f'{_STACK}_Controller': controllers, 'Controller': _above('Controller'),
        f'{_STACK}_{_STACK}': {'children': {f'{_STACK}_Controller': {}}, 'vars': {
            'container_cli': 'podman', 'ctlplane_vip': places.VIP, 'internal_api_vip': settings.INTERNAL}},
        f'{_STACK}_allovercloud': {'children': {f'{_STACK}_{_STACK}': {}}},
        'allovercloud': _above('allovercloud'),
        _STACK: {'children': {f'{_STACK}_allovercloud': {}}},
        f'{_STACK}_excluded_overcloud': {}, f'excluded_{_STACK}': {'children': {f'{_STACK}_excluded_overcloud': {}}}}
    for name in _SERVICES:
        found[name] = _above(name)
        found[f'{_STACK}_{name}'] = {'children': {f'{_STACK}_Controller': {}}, 'vars': own}
    return found


def _above(name):
    return {'children': {f'{_STACK}_{name}': {}}}
