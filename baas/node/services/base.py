# SPDX-License-Identifier: Apache-2.0
"""What every kind of thing that is quiesced can do."""
import os
import re

from baas.node.system import systemd

STOP, FREEZE = 'stop', 'freeze'
MODES = (STOP, FREEZE)
"""Modes: shut down in good order, or held still as it is."""
_PREFIX = re.compile(r'[a-z]+(?=:)')


def prefix(item):
    """Give what stands before the first colon of an item, or ''."""
    found = _PREFIX.match(item)
    return found.group() if found else ''


def is_glob(text):
    """Tell whether a name has wildcards."""
    return any(letter in text for letter in '*?[')


def groups(undos):
    """List the folders of the control groups that a freeze holds still.

    What ends by itself may have done so, and has none then.

    :param undos: of a freeze, or of both modes.
    """
    return [path for undo in undos for path in undo.get('groups') or ()
            if not undo.get('passing') or os.path.isdir(path)]


class NodeView:
    """What one look at the node showed, for all kinds that want to know.

    :ivar mode: ``stop`` or ``freeze``.
    :ivar items: all that is to be quiesced (flat list of str).
    """

    def __init__(self, mode, items):
        self.mode = mode
        self.items = list(items)
        self._units = None

    @property
    def units(self):
        """Names of the units that run (list of str)."""
        if self._units is None:
            self._units = systemd.running()
        return self._units


class Service:
    """One kind of thing. Things are named by a str.

    :cvar kind: what its undos have as ``kind`` in the journal.
    :cvar prefix: what its items begin with, or '' for names of units.
    :cvar client_visible: True when clients notice that it is quiesced.
    :cvar freeze_stage: when it freezes: 0 before, 1 with, 2 after all others.
    """

    kind = ''
    prefix = ''
    client_visible = True
    freeze_stage = 1

    def find(self, items, view):
        """Name what items mean and what runs here, in order.

        :param items: those that are quiesced together (list of str).
        :param view: :class:`NodeView`.
        """
        raise NotImplementedError

    def later(self, things):
        """Name those that stop only after all others of their stage have."""
        return []

    def unknown(self, items):
        """Name those of its items that this node does not know."""
        return []

    def problems(self, things, mode):
        """Say why things cannot be quiesced in a mode: [{'cause', 'hint'}]."""
        return []

    def hindrances(self, things, mode):
        """Say why nothing of a node may be quiesced right now: [{'cause',
        'hint'}].

        :param things: all that would be, of all kinds: [(kind, thing)].
        :raises baas.node.errors.Unknown: nobody can tell.
        """
        return []

    def plan_undos(self, things, mode):
        """Give the undos of those that run right now; nothing is touched.

        :returns: list of dicts with ``kind``.
        """
        return [{'kind': self.kind, 'thing': thing, 'mode': mode}
                for thing in things]

    def name(self, thing):
        """Say in a word which thing (str), for people."""
        return '%s:%s' % (self.kind, thing)

    def make_ready(self, things, until, watchdog):
        """Do before anything freezes what would make the freeze longer."""

    def quiesce(self, undos, until, watchdog):
        """Ask to quiesce, and return without waiting for it.

        It is called while the journal is held, with all undos in it.

        :param until: boot time at which all must be quiesced.
        :param watchdog: the
            :class:`baas.node.services.freeze_guard.FreezeWatchdog` of a
            freeze, or None.
        :raises errors.NodeError: it cannot be asked for.
        """
        raise NotImplementedError

    def wait(self, undos, until, watchdog):
        """Wait until all are quiesced.

        :raises errors.NodeError: one does not; it is named.
        """

    def reset_failed(self, undos):
        """Clear what would keep a thing that failed from another try."""

    def release(self, undos):
        """Let go of what is frozen, without a look whether it goes on; to
        resume it all the same comes next."""

    def going_on(self, undos):
        """Give those undos of which nothing is left to do, for what they were
        of was frozen and goes on since :meth:`release`."""
        return []

    def resume(self, undos, until):
        """Undo; give each undo as soon as its thing is back.

        :param until: boot time after which there is no use in waiting.
        """
        raise NotImplementedError

    def resumed_early(self, undos, watchdog=None):
        """Name those that are not quiesced any more though their undo is
        pending.

        :param watchdog: as of :meth:`quiesce`, where this process has it.
        """
        return []

    def started_again(self, undos):
        """Name those that were stopped, not frozen, and run though their
        undo is pending."""
        return []

    def before(self):
        """Tell what :meth:`missing` will compare with (JSON), or None."""
        return None

    def missing(self, before):
        """Say what is not as it was before (list of str); of those alone
        that told something then."""
        raise NotImplementedError

    def retry_failed(self, before):
        """Have what failed on its way back tried again, if nobody else does;
        again is harmless.

        :param before: what :meth:`before` told, or None.
        :returns: what is tried again (list of str).
        """
        return []
