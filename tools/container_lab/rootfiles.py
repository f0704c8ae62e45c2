"""The files that turn a copy of the base into one machine of the lab."""

import os
import shutil

from container_lab import clusterfiles, keys, places
from container_lab.files import ids, put
from container_lab.running import run

NETWORK = '''[Match]
Name=host0

[Link]
# Services that wait for the network must not hang for minutes when the cable is out.
RequiredForOnline=no-carrier

[Network]
Address={address}/24
ConfigureWithoutCarrier=yes
LinkLocalAddressing=no
IPv6AcceptRA=no
'''

SSHD = '''HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin {root_login}
UseDNS no
'''

SFTP = '''Match User backup
    ChrootDirectory /srv/backup-root
    ForceCommand internal-sftp
    AuthorizedKeysFile /etc/ssh/backup_keys
    AllowTcpForwarding no
    X11Forwarding no
'''

JOURNAL = '''[Journal]
RuntimeMaxUse=16M
SystemMaxUse=64M
'''

UNIT = '''[Unit]
Description={name}
After=network.target

[Service]
ExecStart=/usr/local/libexec/tripleo-heartbeat {name}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
'''

# Stands for a service of the control plane: its log shows to the second when it was stopped.
HEARTBEAT = '''#!/bin/bash
trap 'exit 0' TERM
while true; do
    printf '%(%FT%T%z)T\\n' -1 >> "/var/log/tripleo/$1.log"
    sleep 1 & wait $!
done
'''

# Lines that are run are counted where tools/test --cover has asked for it; else this does nothing.
COVERAGE = '''import os
import sys

_PLACE = '{shared}/coverage'
if os.path.isdir(_PLACE) and any('baas-node' in word for word in sys.orig_argv):
    sys.path.append(_PLACE)
    os.environ.update(COVERAGE_PROCESS_START=_PLACE + '/pyproject.toml', COVERAGE_FILE=_PLACE + '/data/coverage')
    import coverage
    coverage.process_startup()
    del os.environ['COVERAGE_PROCESS_START'], os.environ['COVERAGE_FILE']
'''

SERVICES = {
    'controller': ('tripleo_nova_api', 'tripleo_keystone', 'tripleo_neutron_api'),
    'undercloud': ('tripleo_ironic_api',),
}


def write_node(node, root):
    """Write what every machine has that differs from the base, whatever the shape of the lab."""
    _write_common(node, root, node.name, 'no')
    home = f'home/{places.ADMIN}'
    put(root, f'{home}/.ssh/authorized_keys', keys.public('id_ed25519'), 0o600, places.ADMIN)
    (root / home / '.ssh').chmod(0o700)
    os.chown(root / home / '.ssh', *ids(root, places.ADMIN))
    if node.role == 'storage':
        _write_storage(root)


def write_rescue(node, root):
    """Write what the rescue system needs: the node's address, a host key of its own, root's key."""
    _write_common(node, root, 'rescue', 'prohibit-password')
    put(root, 'root/.ssh/authorized_keys', keys.public('id_ed25519'), 0o600)
    (root / 'root/.ssh').chmod(0o700)
    put(root, 'etc/motd', f'Rescue system of {node.name}: the disk of the node is at /mnt/local.\n')
    (root / 'mnt/local').mkdir(parents=True, exist_ok=True)


def _write_common(node, root, host_key, root_login):
    put(root, 'etc/hostname', f'{node.name}\n')
    hosts = [f'{other.address} {other.name}' for other in places.NODES.values()]
    put(root, 'etc/hosts', '\n'.join(['127.0.0.1 localhost', *hosts, f'{places.VIP} overcloud.lab', '']))
    # An empty machine id would make systemd enable every unit it finds.
    put(root, 'etc/machine-id', node.identity('machine').replace('-', '') + '\n', 0o444)
    put(root, 'etc/systemd/network/10-host0.network', NETWORK.format(address=node.address))
    put(root, 'etc/systemd/journald.conf.d/lab.conf', JOURNAL)
    sftp = SFTP if node.role == 'storage' else ''
    put(root, 'etc/ssh/sshd_config.d/lab.conf', SSHD.format(root_login=root_login) + sftp)
    put(root, 'etc/python3.11/sitecustomize.py', COVERAGE.format(shared=places.SHARED))
    private = keys.host_key(host_key)
    put(root, 'etc/ssh/ssh_host_ed25519_key', private.read_text(), 0o600)
    put(root, 'etc/ssh/ssh_host_ed25519_key.pub', private.with_suffix('.pub').read_text())


def write_services(node, root):
    """Write the units that stand for services of the control plane."""
    names = SERVICES[node.role]
    put(root, 'usr/local/libexec/tripleo-heartbeat', HEARTBEAT, 0o755)
    (root / 'var/log/tripleo').mkdir(exist_ok=True)
    for name in names:
        put(root, f'etc/systemd/system/{name}.service', UNIT.format(name=name))
    run('systemctl', f'--root={root}', 'enable', *(f'{name}.service' for name in names))


def write_undercloud(root):
    """Write the database of an undercloud, and some files."""
    put(root, 'etc/mysql/mariadb.conf.d/90-lab.cnf', clusterfiles.MEMORY + 'bind_address = 0.0.0.0\n')
    run('systemctl', f'--root={root}', 'enable', 'mariadb.service')
    write_images(root)


def write_images(root):
    """Write files that an undercloud has."""
    folder = root / 'srv/lab'
    for number in range(50):
        put(folder, f'images/part-{number:02d}', f'undercloud {number}\n' * 500)
    put(folder, 'stackrc', 'export OS_CLOUD=undercloud\n', 0o600)
    os.symlink('stackrc', folder / 'link')


def _write_storage(root):
    put(root, 'etc/ssh/backup_keys', keys.public('storage_ed25519'))
    (root / 'srv/backup-root').mkdir(parents=True, exist_ok=True)
    data = places.STORAGE_MOUNT
    data.chmod(0o755)  # sshd refuses to chroot into what others may write to
    (data / 'backup').mkdir(mode=0o700, exist_ok=True)
    shutil.chown(data / 'backup', *ids(root, 'backup'))
