"""The plain shape: servers of Debian's packages on the machines themselves, no container anywhere."""

from container_lab import bake, base, cluster, clusterfiles, rootfiles

PATIENCE = 150  # seconds until all is well
members = cluster.members
complaints = cluster.complaints


def ensure():
    """Make what is cached beside the base."""
    bake.ensure()


def image(node):
    """Return the disk that a machine starts from."""
    return bake.image() if node.role == 'controller' else base.image()


def write(node, root, secrets):
    """Write all that makes this machine differ from its image."""
    rootfiles.write_node(node, root)
    if node.role != 'storage':
        rootfiles.write_services(node, root)
    if node.role == 'controller':
        clusterfiles.write(node, root, secrets)
    elif node.role == 'undercloud':
        rootfiles.write_undercloud(root)


def options(node):
    """Return further options of systemd-nspawn."""
    return ()


def environment():
    """Return variables that systemd-nspawn gets."""
    return {}


def begin(secrets):
    """Do what is left when all is well for the first time."""
    cluster.create_account()


def row(report, node):
    """Return the words of one controller for `status`."""
    galera, pacemaker = report['galera'][node.name], report['pacemaker'][node.name]
    return [f'galera {galera["state"]}/{galera["size"]}', f'pacemaker {len(pacemaker["online"])} online',
            f'ledger {report["ledger"][node.name] or "-"}', 'VIP' if node.name in report['vip'] else '']


def rows(report):
    """Return the lines of `status` that are of no one machine."""
    return [f'rabbitmq      {" ".join(report["rabbitmq"] or ["down"])}']


def inventory(plain):
    """Return the inventory, from the one in which each group has its hosts."""
    return plain
