"""The inventory, in the form TripleO writes its static one."""

import json

from container_lab import places, shapes


def write(nodes, macs=None):
    """Write the inventory of these nodes of the lab; JSON is YAML too, and needs no library.

    macs has the addresses of the network cards of those that have firmware, by name.
    """
    found = build(nodes)
    for name, addresses in (macs or {}).items():
        found['Controller']['hosts'][name]['baremetal_macs'] = addresses
    text = json.dumps(shapes.current().inventory(found), indent=2)
    places.INVENTORY.write_text(f'# Written by the lab.\n{text}\n')


def build(nodes):
    """Return the inventory of these nodes as plain data."""
    by_role = {role: [node for node in nodes if node.role == role]
               for role in ('controller', 'undercloud', 'storage')}
    return {
        'Undercloud': {'hosts': {node.name: _variables(node) for node in by_role['undercloud']},
                       'vars': {'ansible_user': places.ADMIN}},
        'Controller': {'hosts': {node.name: _variables(node) for node in by_role['controller']},
                       'vars': {'ansible_user': places.ADMIN, 'tripleo_role_name': 'Controller',
                                'ctlplane_vip': places.VIP}},
        'overcloud': {'children': {'Controller': {}}, 'vars': {'container_cli': 'podman'}},
        'allovercloud': {'children': {'overcloud': {}}},
        'Storage': {'hosts': {node.name: _variables(node) for node in by_role['storage']}},
    }


def _variables(node):
    found = {
        'ansible_host': node.address,
        'ansible_user': places.ADMIN,
        'ansible_ssh_private_key_file': str(places.SSH / 'id_ed25519'),
        'ansible_ssh_common_args': f'-o UserKnownHostsFile={places.SSH}/known_hosts '
                                   '-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes',
        'ansible_python_interpreter': '/usr/bin/python3',
    }
    if node.role != 'storage':
        found |= {'ctlplane_ip': node.address, 'canonical_hostname': node.name,
                  'baremetal_uuid': node.identity('baremetal'), 'baremetal_name': f'bm-{node.name}',
                  'instance_uuid': node.identity('instance')}
    return found
