"""An undercloud as TripleO installs it: a plain MariaDB in a container of a unit, no cluster of any kind."""

from container_lab import rootfiles
from container_lab.tripleo import settings, units
from container_lab.tripleo.services import writer


def write(root, node):
    """Write all of it."""
    rootfiles.write_images(root)
    settings.write_database(root)
    settings.kolla(root, 'mysql', '/usr/sbin/mariadbd --user=mysql', 'mysql', [
        ('/var/lib/mysql', 'mysql:mysql'), ('/var/log/mysql', 'mysql:mysql')])
    settings.write_lab(root, node, 'ironic')
    (root / 'var/log/containers/mysql').mkdir(parents=True, exist_ok=True)
    units.write(root, [
        units.Container('mysql', 'mariadb', ('/bin/bash', '/usr/local/bin/kolla_start'), step=1, grace=60, volumes=(
            *settings.volumes('mysql', 'mysql'), '/var/lib/mysql:/var/lib/mysql',
            '/var/log/containers/mysql:/var/log/mysql')),
        writer('ironic_api', 'ironic-api', 'database', step=4),
        writer('ironic_conductor', 'ironic-api', 'database', step=4, options=('--privileged',))])
