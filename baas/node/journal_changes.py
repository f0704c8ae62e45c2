# SPDX-License-Identifier: Apache-2.0
"""What a journal holds, and every change of it."""
import time
import types

from baas.node import errors
from baas.node import journal_states
from baas.node.system import clock


def fresh(job, epoch, kind, epochs):
    """Give a journal that has just been opened (dict): all its keys."""
    return {
        'job': job, 'epoch': epoch, 'kind': kind, 'epochs': epochs,
        'state': journal_states.OPEN, 'closed': False, 'opened': time.time(),
        'boot_id': clock.boot_id(), 'undos': [],
        'armed': False, 'deadline': None, 'deadline_boot': None,
        'deadman_fired': False, 'deadman_fired_at': None,
        'quiesce_token': None, 'quiesced': [], 'freeze_watchdog': None,
        'before': {}, 'healthy': True, 'health_waited': False,
        'first_stop': None, 'first_stop_time': None, 'first_stop_boot': None,
        'outages': {}, 'outage': None,
        'snapshots': [], 'snapshot_done': None, 'room': {}, 'live': [],
        'live_fingerprints': {}, 'offline_mounts': [],
        'precopy': None, 'superseded': [], 'partial': {}}


class Journal:
    """The journal of the open job while this process alone may change it.

    Each method is one change: it lasts when the method returns, so call it
    before the deed.
    """

    def __init__(self, data, save):
        """Begin.

        :param data: the journal (dict).
        :param save: called with it to make it last.
        """
        self._data, self._write = data, save

    @property
    def data(self):
        """The journal, to read (a mapping that refuses changes)."""
        return types.MappingProxyType(self._data)

    def _change(self, event=None, **values):
        if event is not None:
            values['state'] = journal_states.after(self._data, event)
        self._data.update(values)
        self._write(self._data)

    def leased(self, epoch):
        """Note the epoch of whoever is in charge now."""
        self._change(epoch=epoch)

    def armed(self):
        """The dead-man is going to watch over the job."""
        self._change(armed=True)

    def measured(self, **clusters):
        """Note how clusters and units are before anything is done."""
        self._change(before=dict(self._data['before'], **clusters))

    def add_undo(self, undo):
        """Add something to undo (dict with kind), once."""
        self._add([undo])
        self._change()

    def _add(self, undos):
        for undo in undos:
            if undo not in self._data['undos']:
                self._data['undos'].append(undo)

    def clear_undos(self, *undos):
        """Take off what was undone."""
        cleared = [undo for undo in undos if undo in self._data['undos']]
        for undo in cleared:
            self._data['undos'].remove(undo)
        if cleared:
            self._change()

    def suppressing(self, undos, deadline):
        """Fencing is going to be suppressed until a boot time at most."""
        self._add(dict(undo, stage=1) for undo in undos)
        self._change(deadline=deadline, deadline_boot=clock.boot_id())

    def quiescing(self, token, deadline, units, clusters):
        """Services are going to be quiesced.

        :param token: of who does it; gone as soon as anybody resumes.
        :param deadline: boot time at which the dead-man resumes the node.
        :param units: names of those that run now.
        :param clusters: as of :meth:`measured`.
        """
        journal_states.after(self._data, 'quiesce')
        values = {}
        if not self._data['undos']:
            # An earlier quiesce of this job is over: count its outage anew.
            values = {'first_stop': None, 'outage': None, 'outages': {}}
        before = dict(self._data['before'], **clusters)
        known = before.get('units', [])
        before['units'] = known + [one for one in units if one not in known]
        self._change('quiesce', quiesce_token=token, deadline=deadline,
                     deadline_boot=clock.boot_id(), healthy=False,
                     before=before, **values)

    def stage_quiescing(self, undos, titles, deadline=None):
        """A stage is going to be quiesced: all of it in one change.

        :param undos: those that are not here yet, with their ``stage``.
        :param titles: names of the things of which clients notice.
        :param deadline: as of :meth:`quiescing`, if it is another one now.
        """
        journal_states.after(self._data, 'quiesce')
        self._add(undos)
        now, values = clock.boottime(), {}
        if titles and not self._data['first_stop']:
            values = {'first_stop': now, 'first_stop_time': time.time(),
                      'first_stop_boot': clock.boot_id()}
        if deadline is not None:
            values['deadline'] = deadline
        begun = {title: {'at': now, 'for': None} for title in titles}
        known = self._data['quiesced']
        self._change(
            outages=dict(self._data['outages'], **begun), quiesced=known + [
                title for title in titles if title not in known], **values)

    def watched(self, facts):
        """A watchdog watches over the freeze (dict of what finds it)."""
        self._change(freeze_watchdog=facts)

    def planned(self, **snapshots):
        """Snapshots are going to be taken, and other places read: snapshots,
        room, live, live_fingerprints, offline_mounts."""
        self._change('plan', **snapshots)

    def snapshotted(self):
        """All snapshots are there: this is the consistency point."""
        self._change('snapshot', snapshot_done=time.time())

    def dropped(self):
        """No snapshot of the job is left."""
        self._change('drop', snapshots=[], snapshot_done=None)

    def resuming(self):
        """From here on no quiesce that is still at work can stop more."""
        self._change('resume', quiesce_token=None)

    def fired(self):
        """The dead-man is going to resume the node."""
        self._change('fire', quiesce_token=None, deadman_fired=True,
                     deadman_fired_at=time.time())

    def resumed(self, undos, lasted):
        """Things are back: take their undos off.

        :param lasted: {title: seconds it was out}.
        """
        for title, seconds in lasted.items():
            one = self._data.get('outages', {}).get(title)
            if one and one['for'] is None:
                one['for'] = seconds
        self.clear_undos(*undos)

    def outage_over(self, seconds):
        """All is back, so long after the first was quiesced."""
        self._change(outage=seconds)

    def seen_healthy(self):
        """Somebody has seen the node as it was before."""
        self._change(healthy=True)

    def health_awaited(self):
        """A release is going to wait for that; the next does not."""
        self._change(health_waited=True)

    def precopied(self, backup, snapshot, stored_bytes):
        """What a precopy stores, or is going to (snapshot None)."""
        self._change(precopy={'backup': backup, 'snapshot': snapshot,
                              'stored_bytes': stored_bytes})

    def superseded(self, snapshot):
        """What was read so far was read again since."""
        self._change(superseded=self._data['superseded'] + [snapshot])

    def storing(self, name, partial):
        """An object is going to be stored.

        :param partial: its name until it is whole.
        :returns: whether this job had noted the same before.
        """
        again = name in self._data['partial']
        self._change(partial=dict(self._data['partial'], **{name: partial}))
        return again

    def closed(self, epoch):
        """The job is released: hardly more than its fence is kept.

        :raises errors.NodeError: something is still to be undone.
        """
        if self._data['undos']:
            raise errors.NodeError(
                'Something is still to be undone on this node for job %s.'
                % self._data['job'], 'Run baas-node resume, then release.')
        state = journal_states.after(self._data, 'close')
        kept = {key: self._data[key]
                for key in ('format', 'job', 'kind', 'undos', 'epochs')}
        kept.update(state=state, closed=True, released=time.time(),
                    epoch=max(epoch, self._data['epoch']),
                    revision=self._data.get('revision', 0))
        self._data = kept
        self._write(kept)
