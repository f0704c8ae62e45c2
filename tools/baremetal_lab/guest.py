# SPDX-License-Identifier: Apache-2.0
"""What makes a copy of the cached disk this one machine of this one lab."""
from baremetal_lab import image
from baremetal_lab import places
from container_lab import files
from container_lab import plain
from container_lab import running

# The name the container lab gives to each machine's link, whatever the card.
_LINK = '''[Match]
OriginalName=eth0

[Link]
Name=host0
'''
# A member of no other cluster than its own, which it founds at each start.
_ALONE = '''[mariadbd]
wsrep_cluster_address = gcomm://
'''
# Or the database of that name could not be dumped.
_VOLUME = '''[mariadbd]
ignore_db_dirs = lost+found
'''
_CONSOLE = '''[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --keep-baud 115200 %I $TERM
'''


def write(disk, secrets, alone):
    """Write the files of the machine on its disk.

    :param disk: the image.
    :param secrets: those of its cluster.
    :param alone: whether it is to run its database by itself.
    """
    root = places.lab.MOUNTS / places.NODE.name
    image.with_system(disk, root,
                      lambda _, top: _write(top, secrets, alone))


def _write(root, secrets, alone):
    plain.write(places.NODE, root, secrets)
    files.put(root, 'etc/systemd/network/05-host0.link', _LINK)
    files.put(root, 'etc/systemd/system/serial-getty@ttyS0.service.d/lab.conf',
              _CONSOLE)
    files.put(root, 'etc/mysql/mariadb.conf.d/96-volume.cnf', _VOLUME)
    if alone:
        files.put(root, 'etc/mysql/mariadb.conf.d/95-alone.cnf', _ALONE)
        running.run('systemctl', f'--root={root}', 'disable',
                    'corosync.service', 'pacemaker.service',
                    'rabbitmq-server.service', 'epmd.service',
                    'epmd.socket')
        running.run('systemctl', f'--root={root}', 'enable',
                    'mariadb.service')
