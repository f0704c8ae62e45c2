"""The shape that kolla-ansible has: services in containers of units, of Podman on two controllers and of Docker on one;
no cluster manager, virtual addresses by keepalived."""

from container_lab import base, containers, rootfiles
from container_lab.containers import podman, seed
from container_lab.files import put
from container_lab.kolla import docker, haproxy, health, services, settings, units
from container_lab.kolla import inventory as multinode

PATIENCE = 300  # seconds until all is well
members = health.members
complaints = health.complaints
row = health.row
rows = health.rows
inventory = multinode.of_groups


def ensure():
    """Make what is cached beside the base."""
    containers.ensure()
    docker.ensure()


def image(node):
    """Return the disk that a machine starts from."""
    if node.role != 'controller':
        return base.image()
    return docker.image() if settings.engine(node) == 'docker' else seed.image('controller')


def write(node, root, secrets):
    """Write all that makes this machine differ from its image."""
    rootfiles.write_node(node, root)
    if node.role == 'undercloud':
        # The deployment host, which has no part in the cloud.
        rootfiles.write_services(node, root)
        rootfiles.write_undercloud(root)
    if node.role != 'controller':
        return
    if settings.engine(node) == 'docker':
        docker.write(root)
    else:
        podman.write(root)
    put(root, 'etc/localtime', (root / 'usr/share/zoneinfo/UTC').read_bytes())
    # What listens on an address that another controller has.
    put(root, 'etc/sysctl.d/70-lab.conf', 'net.ipv4.ip_nonlocal_bind = 1\n')
    settings.write(root, node, secrets)
    haproxy.write(root, node)
    units.write(root, node, services.of_controller(node))


def options(node):
    """Return further options of systemd-nspawn."""
    return podman.options() if node.role == 'controller' else ()


def environment():
    """Return variables that systemd-nspawn gets."""
    return podman.environment()


def begin(secrets):
    """Do what is left when all is well for the first time."""
    settings.end_bootstrap()
    health.create_account(secrets)
