# SPDX-License-Identifier: Apache-2.0
"""Pacemaker in maintenance mode, so that it repairs and fences nothing.

The mode is one for the whole cluster and every node needs it, so each that
does leaves a claim in the cluster's properties, with the value from before.
Who sees that all others have left, too, puts that value back."""
import fnmatch
import time

from baas.node.cluster import membership
from baas.node.cluster import pacemaker_resources
from baas.node import errors
from baas.node.services import base
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import presence

MODE = 'maintenance-mode'
CLAIM = 'baas-quiesced-'
"""What a node that needs the maintenance leaves in the configuration, with
the value from before; the rest of the name is the node's."""
UNSET = 'unset'
LEAVING = 'leaving-'
_YES = ('true', 'yes', 'on', '1', 'y')
_THING = 'maintenance'
UNIT = 'pacemaker.service'
_LOCKS = 'tripleo-*-lock'
_HINT = 'Look at crm_mon on the node.'


class Pacemaker(base.Service):
    """See :class:`base.Service`. To stop, it is a unit like any other."""

    kind = 'pacemaker'
    client_visible = False
    freeze_stage = 0

    def find(self, items, view):
        """See :class:`base.Service`."""
        if view.mode != base.FREEZE or not items or not membership.pacemaker():
            return []
        was, claims = _read()
        # The operator's own maintenance is none of our business.
        return [] if _is_on(was) and not claims else [_THING]

    def hindrances(self, things, mode):
        """See :class:`base.Service`: an update, and what would run on."""
        if not membership.pacemaker():
            return []
        found = [{
            'cause': 'An update that runs on %s holds the lock %s of the '
            'cluster.' % (owner, lock),
            'hint': 'Wait until the update is over, and try again.'}
            for lock, owner in sorted(_locks(_properties()).items())]
        if mode == base.STOP and ('unit', UNIT) in things:
            view = pacemaker_resources.look(name())
            left = view.left if view else []
            found += [{
                'cause': 'Pacemaker does not manage %s on this node now, and '
                'would leave it running when it stops.' % one,
                'hint': 'End the maintenance, or see what has failed in '
                'crm_mon; or set [quiesce] mode to freeze.'}
                for one in left]
        return found

    def quiesce(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        if not undos:
            return
        was, claims = _read()
        if claims:
            was = claims[sorted(claims)[0]].replace(LEAVING, '')
        _set(CLAIM + name(), was or UNSET)
        _set(MODE, 'true')

    def wait(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        if undos and not _is_on(_read()[0]):
            raise errors.NodeError(
                'Pacemaker has not taken %s.' % MODE, _HINT)

    def resume(self, undos, until):
        """See :class:`base.Service`."""
        while undos:
            try:
                _give_back()
            except errors.NodeError:
                # Right after a reboot the cluster is not there yet.
                if clock.boottime() >= until:
                    return
                time.sleep(0.5)
                continue
            for undo in undos:
                yield undo
            return

    def before(self):
        """See :class:`base.Service`: whether the operator has set the
        maintenance, what runs how often, and what had failed here."""
        view = (pacemaker_resources.look(name())
                if membership.pacemaker() else None)
        if view is None:
            return None
        was, claims = _read()
        return {'maintenance': _is_on(was) and not claims,
                'running': view.running,
                'failed': sorted(key for _, _, key in view.failures)}

    def missing(self, before):
        """See :class:`base.Service`."""
        try:
            was, _ = _read()
            view = pacemaker_resources.look(name())
        except errors.NodeError as error:
            return [error.cause.rstrip('.')]
        if view is None:
            return ['Pacemaker does not answer']
        found = pacemaker_resources.lacking(before['running'], view)
        if _is_on(was) != before['maintenance']:
            found.append('Pacemaker is %s maintenance'
                         % ('in' if _is_on(was) else 'not in'))
        return found

    def retry_failed(self, before):
        """See :class:`base.Service`."""
        try:
            view = (pacemaker_resources.look(name())
                    if membership.pacemaker() else None)
        except errors.NodeError:
            return []
        return pacemaker_resources.clear(view,
                                         (before or {}).get('failed') or ()) \
            if view else []


def name():
    """Give the name of this node in its cluster.

    :raises errors.NodeError: Pacemaker does not say.
    """
    return command.run(_tool('crm_node') + ['-n'], _HINT, 20).strip()


def _tool(word):
    return membership.tool(word) or [word]


def _properties():
    """Read the properties of the cluster ({name: value})."""
    text = presence.ask(_tool('cibadmin') + ['--query', '--scope',
                                             'crm_config'], _HINT, 20)
    found = {}
    for one in membership.read_xml('cibadmin', text).iter('nvpair'):
        found.setdefault(one.get('name'), one.get('value'))
    return found


def _read():
    """Read the mode (str or None), and the claims ({node: str})."""
    found = _properties()
    return found.get(MODE), {
        key[len(CLAIM):]: value for key, value in found.items()
        if key.startswith(CLAIM)}


def _locks(properties):
    """Name the locks of updates of TripleO that have not run out: {lock:
    its owner}. See pacemaker_resource_lock.sh of tripleo-heat-templates."""
    found = {}
    for key, value in properties.items():
        owner, _, end = (value or '').rpartition(':')
        if fnmatch.fnmatchcase(key, _LOCKS) and end.isdigit() \
                and int(end) > time.time():
            found[key] = owner
    return found


def _is_on(value):
    return (value or '').lower() in _YES


def _set(key, value):
    words = ['--delete'] if value is None else ['--update', value]
    command.run(_tool('crm_attribute') + [
        '--type', 'crm_config', '--name', key] + words, _HINT, 20)


def _give_back():
    """Leave, and end the mode if nobody else needs it.

    Two that leave at once must not each wait for the other: both say so
    before they look, and the later one sees both.
    """
    own = name()
    _, claims = _read()
    if own not in claims:
        return
    was = claims[own].replace(LEAVING, '')
    _set(CLAIM + own, LEAVING + was)
    _, claims = _read()
    view = membership.pacemaker()
    if view is None:
        raise errors.Unknown('Pacemaker has left while it was asked.', _HINT)
    online = view['online']
    if not any(node in online and not value.startswith(LEAVING)
               for node, value in claims.items()):
        _set(MODE, None if was == UNSET else was)
        for node in sorted(claims):
            if node != own and node not in online:
                _set(CLAIM + node, None)
    _set(CLAIM + own, None)
