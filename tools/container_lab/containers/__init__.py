"""What shapes have in common whose services run in containers: the system, the images, the database."""

from container_lab.containers import seed, store, system
from container_lab.running import at_once


def ensure():
    """Make what all these shapes cache beside the base: mostly a wait for packages and disks, so all that can be at
    once is."""
    at_once(system.ensure, store.ensure_root)
    at_once(store.ensure, seed.ensure)
