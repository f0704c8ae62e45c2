"""The shape that TripleO has: services in containers of Podman, which units and Pacemaker run."""

from container_lab import containers, places, rootfiles
from container_lab.files import put
from container_lab.running import run
from container_lab.containers import podman, seed, system
from container_lab.tripleo import bundles, haproxy, health, services, settings
from container_lab.tripleo import inventory as stack
from container_lab.tripleo import undercloud, units

PATIENCE = 300  # seconds until all is well
members = health.members
complaints = health.complaints
row = health.row
rows = health.rows
begin = health.create_account
inventory = stack.of_stack


def ensure():
    """Make what is cached beside the base."""
    containers.ensure()


def image(node):
    """Return the disk that a machine starts from."""
    return system.image() if node.role == 'storage' else seed.image(node.role)


def write(node, root, secrets):
    """Write all that makes this machine differ from its image."""
    rootfiles.write_node(node, root)
    if node.role == 'storage':
        return
    with open(root / 'etc/hosts', 'a') as hosts:
        hosts.writelines(f'{one.address} {settings.name_of(one)}\n' for one in places.CONTROLLERS)
        hosts.write(f'{settings.INTERNAL} overcloud.{settings.DOMAIN}\n')
    podman.write(root)
    put(root, 'etc/localtime', (root / 'usr/share/zoneinfo/UTC').read_bytes())
    if node.role == 'undercloud':
        undercloud.write(root, node)
        return
    settings.write_database(root, node)
    settings.write_rabbit(root, node, secrets)
    haproxy.write(root, node)
    services.write(root, node, secrets)
    bundles.write(root, node, secrets)
    units.write(root, services.of_controller(node))
    run('systemctl', f'--root={root}', 'enable', 'corosync.service', 'pacemaker.service')


def options(node):
    """Return further options of systemd-nspawn."""
    return () if node.role == 'storage' else podman.options()


def environment():
    """Return variables that systemd-nspawn gets."""
    return podman.environment()
