"""Containers that units of systemd own, as tripleo-ansible makes them."""

import dataclasses
import json
import pathlib

from container_lab.files import put
from container_lab.running import run
from container_lab.containers import store

SCRIPTS = '/var/lib/container-config-scripts:/container-config-scripts:ro'

UNIT = '''[Unit]
Description={name} container
After=tripleo-container-shutdown.service
{depends}
[Service]
Restart=always
ExecStart=/usr/bin/podman start {name}
ExecReload=/usr/bin/podman kill --signal HUP {name}
ExecStop=/usr/bin/podman stop -t {grace} {name}
ExecStopPost=/usr/bin/podman stop -t {grace} {name}
SuccessExitStatus=137 142 143
TimeoutStopSec={patience}
KillMode=control-group
Type=forking
PIDFile=/run/{name}.pid

[Install]
WantedBy=multi-user.target
'''

SHUTDOWN = '''[Unit]
Description=TripleO Container Shutdown
Documentation=https://docs.openstack.org/tripleo-docs/latest/
After=pacemaker.service netns-placeholder.service
RefuseManualStop=yes

[Service]
Type=oneshot
ExecStart=/bin/true
RemainAfterExit=yes
ExecStop=/usr/libexec/tripleo-container-shutdown
TimeoutStopSec=900

[Install]
WantedBy=multi-user.target
'''

PLACEHOLDER = '''[Unit]
Description=Create netns directory
Before=tripleo-container-shutdown.service

[Service]
Type=oneshot
ExecStart=-/sbin/ip netns add placeholder
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
'''

# As older releases have it: a health check of its own for each container.
HEALTH = '''[Unit]
Description={name} healthcheck
After=tripleo-container-shutdown.service tripleo_{name}.service
Requisite=tripleo_{name}.service

[Service]
Type=oneshot
ExecStart=/usr/bin/podman exec --user root {name} /openstack/healthcheck {port}
SyslogIdentifier=healthcheck_{name}
'''
HEALTH_TIMER = '''[Unit]
Description={name} container healthcheck
PartOf=tripleo_{name}.service

[Timer]
OnActiveSec=120
OnUnitActiveSec=60
RandomizedDelaySec=45

[Install]
WantedBy=timers.target
'''

DEPLOY = '''[Unit]
Description=The steps of a deployment, at the first start of a machine
ConditionPathExists=!/var/lib/tripleo-config/deployed
After=network.target
Before=tripleo-container-shutdown.service

[Service]
Type=oneshot
ExecStart=/usr/local/libexec/lab-deploy
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
'''


@dataclasses.dataclass(frozen=True)
class Container:
    """One container of a machine, as a step of the deployment starts it.

    owner is what runs it: `unit`; `once`: it has done what it had to, and is never started again; `hand`: somebody
    did, and nothing knows of it.
    """

    name: str
    image: str
    command: tuple
    step: int = 4
    owner: str = 'unit'
    volumes: tuple = ()
    options: tuple = ()
    environment: tuple = ()
    net: str = 'host'
    grace: int = 42
    check: str = ''         # the health check of podman
    old_check: bool = False  # the one of older releases, in its place
    depends: tuple = ()

    def words(self):
        """Return the words after `podman` that make it."""
        image = store.UNIT_TAG.format(self.image)
        words = ['run', '--detach', '--name', self.name, f'--net={self.net}', '--log-driver=k8s-file',
                 '--log-opt', f'path=/var/log/containers/stdouts/{self.name}.log',
                 '--conmon-pidfile', f'/run/{self.name}.pid']
        if self.owner != 'hand':
            words += ['--label', f'config_id=tripleo_step{self.step}', '--label', f'container_name={self.name}',
                      '--label', 'managed_by=tripleo_ansible', '--label', f'config_data={json.dumps(self._data())}']
        if self.check:
            words += ['--health-cmd', f'/openstack/healthcheck {self.check}', '--health-interval', '30s']
        for pair in self.environment:
            words += ['--env', pair]
        for volume in (*self.volumes, SCRIPTS):
            words += ['--volume', volume]
        return [*words, *self.options, image, *self.command]

    def _data(self):
        return {'image': store.UNIT_TAG.format(self.image), 'net': self.net, 'restart': 'always',
                'environment': dict(pair.split('=', 1) for pair in self.environment), 'volumes': list(self.volumes)}


def write(root, containers):
    """Write the units of containers, and what makes the containers at the first start."""
    put(root, 'etc/systemd/system/tripleo-container-shutdown.service', SHUTDOWN)
    put(root, 'usr/libexec/tripleo-container-shutdown', '#!/bin/bash\npodman ps > /run/left-at-shutdown\n', 0o755)
    put(root, 'etc/systemd/system/netns-placeholder.service', PLACEHOLDER)
    put(root, 'etc/systemd/system/lab-deploy.service', DEPLOY)
    enabled = ['tripleo-container-shutdown.service', 'netns-placeholder.service', 'lab-deploy.service']
    for one in containers:
        if one.owner == 'unit':
            depends = ''.join(f'After={unit}\nWants={unit}\n' for unit in one.depends)
            put(root, f'etc/systemd/system/tripleo_{one.name}.service', UNIT.format(
                name=one.name, depends=depends, grace=one.grace, patience=2 * one.grace))
            enabled.append(f'tripleo_{one.name}.service')
        if one.old_check:
            words = {'name': one.name, 'port': ''}
            put(root, f'etc/systemd/system/tripleo_{one.name}_healthcheck.service', HEALTH.format(**words))
            put(root, f'etc/systemd/system/tripleo_{one.name}_healthcheck.timer', HEALTH_TIMER.format(**words))
            enabled.append(f'tripleo_{one.name}_healthcheck.timer')
    for folder in (store.SCRIPTS, pathlib.Path(__file__).with_name('scripts')):
        for path in folder.iterdir():
            put(root, f'var/lib/container-config-scripts/{path.name}', path.read_text(), 0o755)
    run('systemctl', f'--root={root}', 'enable', *enabled)
    _write_deployment(root, containers)


def _write_deployment(root, containers):
    """Write what makes the containers step by step; units start them."""
    steps = sorted(containers, key=lambda one: one.step)
    for one in steps:
        put(root, f'var/lib/tripleo-config/container-startup-config/step_{one.step}/{one.name}.json',
            json.dumps(one._data(), indent=2), 0o600)
    plan = [{'name': one.name, 'words': one.words(), 'folders': _folders(one)} for one in steps]
    put(root, 'usr/local/libexec/lab-deploy.json', json.dumps(plan, indent=1), 0o600)
    put(root, 'usr/local/libexec/lab-deploy', DEPLOYER, 0o755)


def _folders(one):
    found = [volume.split(':')[0] for volume in one.volumes]
    return [path for path in found if path.startswith('/var/') and '.' not in path.rpartition('/')[2]]


DEPLOYER = '''#!/usr/bin/python3
"""Make the containers of this machine in order, once in its life."""
import json
import os
import pathlib
import subprocess

# As over SSH: Podman takes who is started by a unit for a part of that unit.
environment = {name: value for name, value in os.environ.items() if name != 'INVOCATION_ID'}
for one in json.loads(pathlib.Path('/usr/local/libexec/lab-deploy.json').read_text()):
    for path in one['folders']:
        os.makedirs(path, exist_ok=True)
    if subprocess.run(['podman', 'container', 'exists', one['name']]).returncode:
        subprocess.run(['podman', *one['words']], check=True, stdout=subprocess.DEVNULL, env=environment)
pathlib.Path('/var/lib/tripleo-config/deployed').touch()
'''
