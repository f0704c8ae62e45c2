"""The lab as a whole: up, down, status."""

import json
import pathlib
import shutil
import time

from container_lab import base, cgroup, cluster, clusterfiles, disk, host, inventory, keys, machine, network, places
from container_lab import shapes
from container_lab.running import LabError, progress, wait_for

AGAIN = 20  # seconds between two tries of what failed


def up(shape=None):
    """Bring the lab up, or repair it, and return when all of it is well.

    :param shape: the name of the shape that it shall have; None: the one that it has.
    """
    shapes.settle(shape)
    with host.building():
        host.install_tools(host.TOOLS)
    if network.exists() and places.DATABASE.exists() and cluster.health()['well']:
        progress('the lab is up already')
        return
    if _complete():
        progress('the lab is there, but not well: switching on what is off')
        if _repair():
            return
        progress('that did not help: making it anew')
    shape = shapes.known()
    clear()
    shapes.note(shape)
    with host.building():
        base.ensure()
        shapes.current().ensure()
    _fresh()


def down(purge=False):
    """Cut the power of everything and leave nothing behind but the cache and the keys."""
    clear()
    if purge:
        shutil.rmtree(places.CACHE, ignore_errors=True)
    progress('the lab is down' + (', its cache is gone' if purge else ''))


def status(as_json):
    """Print how each part is, and return whether all is well."""
    report, shape = cluster.health(), shapes.current()
    if as_json:
        print(json.dumps(report, indent=2))
        return report['well']
    for node in places.NODES.values():
        row = [node.name, node.address, report['machines'][node.name], 'ssh' if report['ssh'][node.name] else 'no-ssh']
        if node.role == 'controller':
            row += shape.row(report, node)
        print('  '.join(text.ljust(width) for text, width in zip(row, (12, 13, 8, 6, 16, 18, 12, 4))).rstrip())
    print('\n'.join(shape.rows(report)))
    for complaint in report['complaints']:
        print(f'not well: {complaint}')
    print('all is well' if report['well'] else 'the lab is not well')
    return report['well']


def clear():
    """Take away all that this or a killed run has left."""
    cluster.on_all(places.NODES.values(), lambda node: machine.power_off(node, lose_disk=True))
    disk.forget(places.STORAGE_DATA)
    cgroup.remove_all(node.machine for node in places.NODES.values())
    network.remove()
    disk.release()
    for folder in (places.DISKS, places.MACHINES, places.MOUNTS):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (places.INVENTORY, places.DATABASE, places.SHAPE):
        path.unlink(missing_ok=True)
    # systemd-nspawn keeps a folder for each machine it ran.
    for name in (*(node.machine for node in places.NODES.values()), 'seed',
                 *(f'{places.BADGE}-{word}' for word in ('seed', 'store'))):
        shutil.rmtree(pathlib.Path('/run/systemd/nspawn/propagate', name), ignore_errors=True)


def _complete():
    return all(node.disk.exists() and machine.is_installed(node) for node in places.NODES.values()) \
        and places.DATABASE.exists() and network.exists()


def _repair():
    for node in places.NODES.values():
        if machine.state(node) != 'disk' or not cluster.answers(node):
            progress(f'power cycle of {node.name}')
            machine.power_off(node)
            _mount_storage(node)
            machine.start(node)
    try:
        _wait_until_well()
    except LabError as error:
        progress(f'{error}')
        return False
    return True


def _fresh():
    for folder in (places.DISKS, places.MOUNTS, places.MACHINES, places.SHARED):
        folder.mkdir(parents=True, exist_ok=True)
    keys.make()
    secrets = clusterfiles.secrets()
    progress('making the disks of five machines')
    disk.blank(places.STORAGE_DATA, 12 * places.GIB)
    # Tests fill it: without a room of its own for metadata it is full when it says so, and no more
    # once there is room again.
    disk.format_disk(places.STORAGE_DATA, 'backup', '--mixed', '-d', 'single')
    cluster.on_all(places.NODES.values(), lambda node: make_disk(node, secrets))
    cluster.write_options(secrets)
    inventory.write(places.NODES.values())
    network.create()
    progress('switching the machines on')
    for node in places.NODES.values():
        machine.start(node)
    _wait_until_well()
    shapes.current().begin(secrets)
    progress('the lab is up')


def make_disk(node, secrets):
    """Make the disk of a machine, a member of the cluster of these secrets."""
    shape = shapes.current()
    disk.copy(shape.image(node), node.disk)
    disk.mount(node.disk, node.root)
    try:
        _mount_storage(node)
        shape.write(node, node.root, secrets)
    finally:
        disk.unmount(node.root)
    node.folder.mkdir(parents=True, exist_ok=True)
    (node.folder / 'installed').touch()


def _mount_storage(node):
    if node.role == 'storage' and not disk.is_mounted(places.STORAGE_MOUNT):
        disk.mount(places.STORAGE_DATA, places.STORAGE_MOUNT)


def _wait_until_well():
    seen, tried = [], time.monotonic()

    def check():
        nonlocal tried
        report = cluster.health(rabbit=False)
        if report['well']:
            report = cluster.health()
        if report['complaints'] != seen:
            seen[:] = report['complaints']
            progress(f'waiting: {"; ".join(seen[:3])}{" ..." if len(seen) > 3 else ""}' if seen else 'all is well')
        if time.monotonic() > tried + AGAIN and cluster.clear_failures(report):
            # As real clusters do, this one leaves a member of Galera that did not join alone until it is told not to.
            progress('Pacemaker shall try again what has failed')
            tried = time.monotonic()
        return report['well']

    wait_for('a healthy lab', check, shapes.current().PATIENCE, 'see `tools/lab status` and the console logs below '
             f'{places.MACHINES}', pause=1)
