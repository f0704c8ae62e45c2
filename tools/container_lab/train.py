"""The shape that TripleO has in its release Train: OVN's databases are a bundle of Pacemaker, one at work."""

from container_lab.tripleo import (  # noqa: F401
    PATIENCE, begin, complaints, ensure, environment, image, inventory, members, options, row, rows, write)
