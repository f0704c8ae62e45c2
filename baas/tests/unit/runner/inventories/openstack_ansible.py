#!/usr/bin/env python3
"""As openstack-ansible answers "--list": hosts, and the containers on them,
in groups of groups."""
import json

print(json.dumps({
    '_meta': {'hostvars': {
        'infra1': {'ansible_host': '192.0.2.91', 'management_bridge':
                   'br-mgmt', 'physical_host': 'infra1'},
        'infra1_galera_container-4ed0d84a': {
            'ansible_host': '203.0.113.91', 'physical_host': 'infra1',
            'container_name': 'infra1_galera_container-4ed0d84a',
            'galera_root_password': 'not-to-be-seen'}}},
    'shared-infra_hosts': {'hosts': ['infra1'], 'children': []},
    'galera': {'hosts': ['infra1_galera_container-4ed0d84a'], 'children': []},
    'galera_all': {'hosts': [], 'children': ['galera']},
    'lxc_hosts': {'hosts': ['infra1']}}))
