"""The shapes a lab can have: how its services run. Each is a module of this folder.

A shape has:

* ``PATIENCE``: seconds that it gets until all is well;
* ``ensure()``: make what it caches beside the base;
* ``image(node)``: the cached disk that a machine starts from;
* ``write(node, root, secrets)``: the files that make it this machine;
* ``options(node)`` and ``environment()``: what systemd-nspawn needs for it;
* ``inventory(plain)``: its inventory, from the one in which each group has its hosts;
* ``begin(secrets)``: what is left to be done when all is well for the first time;
* ``members(controllers, rabbit)``, ``complaints(report)``: how the cluster is, and what is wrong with that;
* ``row(report, node)``, ``rows(report)``: what ``status`` prints of a machine, and of all.
"""

import importlib

from container_lab import places
from container_lab.running import LabError

PLAIN = 'plain'
NAMES = (PLAIN, 'tripleo', 'train', 'kolla')


def known():
    """Return the shape of the lab that is there, or None."""
    try:
        return places.SHAPE.read_text().strip()
    except FileNotFoundError:
        return None


def current():
    """Return the module of the shape that the lab has."""
    return importlib.import_module(f'container_lab.{known() or PLAIN}')


def settle(wanted):
    """Refuse a shape that a lab which is there has not, and note it else.

    :param wanted: name of a shape, or None for what is there, or plain.
    """
    found = known()
    if not found and places.DATABASE.exists():
        found = PLAIN  # made before labs had shapes
    if found and wanted not in (None, found):
        raise LabError(f'the lab that is up has the shape {found} and not {wanted}',
                       'take it down with `tools/lab down` first')
    note(wanted or found or PLAIN)


def note(name):
    """Write down which shape the lab has."""
    places.STATE.mkdir(parents=True, exist_ok=True)
    places.SHAPE.write_text(f'{name}\n')
