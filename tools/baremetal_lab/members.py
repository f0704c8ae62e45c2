# SPDX-License-Identifier: Apache-2.0
"""The other two members of the cluster: containers on the same bridge."""
import shutil

from baremetal_lab import places
from container_lab import bake
from container_lab import cluster
from container_lab import disk
from container_lab import machine
from container_lab import whole

NODES = [node for node in places.lab.CONTROLLERS if node != places.NODE]


def start(secrets):
    """Make them, and switch them on.

    :param secrets: those of the cluster, which the machine has too.
    """
    bake.ensure()
    cluster.write_options(secrets)
    places.lab.SHARED.mkdir(parents=True, exist_ok=True)
    for node in NODES:
        whole.make_disk(node, secrets)
        machine.start(node)


def stop():
    """Cut their power, and take their disks away."""
    for node in NODES:
        machine.power_off(node, lose_disk=True)
    disk.release()
    for folder in (places.lab.DISKS, places.lab.MACHINES):
        shutil.rmtree(folder, ignore_errors=True)
    places.lab.DATABASE.unlink(missing_ok=True)


def exist():
    """Tell whether there are any."""
    return places.lab.DATABASE.exists()


def wrong(rabbit=True):
    """Say what is wrong with the cluster (list of str)."""
    reached = [node for node in places.lab.CONTROLLERS
               if cluster.answers(node)]
    return cluster.complaints(cluster.members(reached, rabbit))
