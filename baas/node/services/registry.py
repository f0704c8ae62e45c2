# SPDX-License-Identifier: Apache-2.0
"""All kinds of things that are quiesced, and what is to be done with them in
turn."""
from baas.node.services import base
from baas.node.services import ceph
from baas.node.services import database
from baas.node.services import engines
from baas.node.services import fencing
from baas.node.services import pacemaker
from baas.node.services import systemd

ALL = (fencing.Fence(), pacemaker.Pacemaker(), ceph.Ceph(), systemd.Systemd(),
       engines.Podman(), engines.Docker(), database.Database())
"""In the order in which they are quiesced where they are quiesced together."""
_OF = {service.kind: service for service in ALL}
_PREFIXES = {service.prefix for service in ALL}


def of(undo):
    """Give the service that an undo is of.

    :raises KeyError: there is no such service.
    """
    return _OF[undo['kind']]


def is_known(undo):
    """Tell whether an undo, maybe of another program, is one of a service
    that is known here."""
    return (undo.get('kind') in _OF and isinstance(undo.get('stage'), int)
            and isinstance(undo.get('thing', undo.get('unit')), str))


def thing(undo):
    """Give the thing that an undo is of (str)."""
    return undo['unit'] if undo['kind'] == 'unit' else undo['thing']


def name(undo):
    """Say in a word what an undo is of (str), for people."""
    return of(undo).name(thing(undo))


def later(units):
    """Name those of some units that stop after the others of their stage."""
    return systemd.Systemd().later(units)


def flat(entries):
    """Give all items of a list of which entries may be lists (list)."""
    return [item for entry in entries
            for item in ([entry] if isinstance(entry, str) else entry)]


def stages(entries, mode):
    """Arrange what is quiesced together.

    To stop, each entry is a stage. To freeze, the cluster manager is put into
    maintenance first, then all freezes in the order of the list, and databases
    are locked when nobody is left to write.

    :param entries: ordered list; one entry is an item or a list of items.
    :param mode: ``stop`` or ``freeze``.
    :returns: list of stages, each a list of (service, [things]).
    """
    view = base.NodeView(mode, flat(entries))
    if mode == base.FREEZE:
        every = [[(service, service.find(view.items, view))
                  for service in ALL if service.freeze_stage == freeze_stage]
                 for freeze_stage in (0, 1, 2)]
    else:
        every = [[(service, service.find(flat([entry]), view))
                  for service in ALL] for entry in entries]
    taken, arranged = set(), []
    for stage in every:
        stage = [(service, [thing for thing in things
                            if (service.kind, thing) not in taken])
                 for service, things in stage]
        taken.update((service.kind, thing) for service, things in stage
                     for thing in things)
        last = [(service, service.later(things))
                for service, things in stage]
        first = [(service, [thing for thing in things if thing not in later])
                 for (service, things), (_, later) in zip(stage, last)]
        arranged += [[one for one in part if one[1]]
                     for part in (first, last)]
    return [stage for stage in arranged if stage]


def problems(stages_, mode):
    """Say what cannot be quiesced in a mode: [{'cause', 'hint'}]."""
    if mode not in base.MODES:
        return [{'cause': 'This node knows no quiesce mode %s.' % mode,
                 'hint': 'Use one of: %s.' % ', '.join(base.MODES)}]
    found = [problem for stage in stages_ for service, things in stage
             for problem in service.problems(things, mode)]
    all_ = [(service.kind, thing) for stage in stages_
            for service, things in stage for thing in things]
    for service in ALL if all_ else ():
        found += service.hindrances(all_, mode)
    return found


def unknown(items):
    """Name the items that mean nothing on this node, and never could."""
    found = [item for item in items if base.prefix(item) not in _PREFIXES]
    for service in ALL:
        mine = [item for item in items
                if base.prefix(item) == service.prefix
                and item not in found]
        found += service.unknown(mine)
    return found


def resumed_early(pending, watchdog=None):
    """Name what was quiesced and is not any more (list of str).

    :param pending: undos of a journal.
    :param watchdog: as of :meth:`base.Service.resumed_early`.
    """
    found = []
    for service in ALL:
        mine = [undo for undo in pending if undo['kind'] == service.kind]
        frozen = [undo for undo in mine if undo.get('mode') == base.FREEZE]
        stopped = [undo for undo in mine if undo not in frozen]
        found += service.resumed_early(frozen, watchdog) if frozen else []
        found += service.started_again(stopped) if stopped else []
    return found


def before():
    """Tell how all is, for :func:`missing`: {kind: JSON}."""
    found = {service.kind: service.before() for service in ALL}
    return {kind: what for kind, what in found.items() if what is not None}


def missing(was):
    """Say what is not as :func:`before` told (list of str)."""
    return [text for service in ALL if service.kind in was
            for text in service.missing(was[service.kind])]


def retry_failed(was):
    """Have what failed on its way back tried again; gives its names.

    :param was: as :func:`before` told, or {}.
    """
    return [title for service in ALL for title in service.retry_failed(
        was.get(service.kind))]
