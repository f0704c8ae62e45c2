# SPDX-License-Identifier: Apache-2.0
"""How a service of the lab's tests is configured."""

# Groups of the inventory that are not called as those of TripleO are.
TARGETS = {'kolla': '''[targets]
overcloud = control
undercloud = deployment
'''}
TEXT = '''
[DEFAULT]
state_path = {state}
log_file = {state}/baas.log
[api]
bind_port = {port}
[conductor]
sweep_interval = 2
lease = 20
[runner]
inventory = {lab}/inventory.yaml
inventory_timeout = 600
[storage]
driver = {driver}
[storage_sftp]
host = {network}.20
user = backup
path = /backup/{name}
private_key = {lab}/ssh/storage_ed25519
known_hosts = {known_hosts}
[storage_file]
path = {lab}/shared/{name}
[verification]
period = 0
[payload]
restic = {restic}
[quiesce]
deadman_timeout = 60
mode = {mode}
[boot_ssh]
private_key = {lab}/ssh/id_ed25519
known_hosts = {lab}/ssh/rescue_known_hosts
'''
