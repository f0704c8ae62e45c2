# SPDX-License-Identifier: Apache-2.0
"""The dead-man: resumes the node when nobody else does in time."""
import os
import sys
import time

from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node.quiesce import resume
from baas.node import selfexec
from baas.node.services import registry
from baas.node.snapshots import orphans
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import systemd

NAME = 'baas-deadman.service'
_TARGET = 'multi-user.target.wants'
_WAIT = 120  # seconds to resume
_AGAIN = 10  # seconds between two looks at what failed on its way back
_FOREIGN = 60
"""Seconds between two tries with a journal of another format."""
_LOOK = 5.0
"""Seconds between two looks at the snapshots."""
_UNIT = '''# Written by baas-node arm, removed by baas-node release.
[Unit]
Description=Resume what a backup has stopped, when nobody else does
StartLimitIntervalSec=0

[Service]
ExecStart=%s
Restart=always
RestartSec=1
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
'''


def arm(request):
    """Install and start the dead-man of the open job.

    :returns: {'armed': True}.
    :raises errors.NodeError: systemd does not run it.
    """
    with journal.edit(request.job, request.epoch) as opened:
        opened.armed()
    words = [word.replace('%', '%%') for word in selfexec.words()]
    text = _UNIT % ' '.join('"%s"' % word for word in words + ['watch'])
    paths.make(paths.UNITS)
    atomic_file.write(os.path.join(paths.UNITS, NAME), text, 0o644)
    systemd.reload()
    hint = 'Look at systemctl status %s.' % NAME
    command.run(['systemctl', 'enable', NAME], hint)
    atomic_file.sync_folder(os.path.join(paths.UNITS, _TARGET))
    # A restart makes sure that it runs the program pushed last.
    command.run(['systemctl', 'restart', NAME], hint)
    require()
    return {'armed': True}


def require():
    """Refuse to go on when the dead-man does not run.

    :raises errors.NodeError: it does not.
    """
    if systemd.states([NAME])[NAME] != 'active':
        raise errors.NodeError('The dead-man of this node does not run.',
                               'Run baas-node arm first.')


def disarm():
    """Take the dead-man off this node; harmless when there is none."""
    path = os.path.join(paths.UNITS, NAME)
    link = os.path.join(paths.UNITS, _TARGET, NAME)
    if not os.path.lexists(path) and not os.path.lexists(link):
        return
    for folder_path in (link, path):
        if os.path.isdir(os.path.dirname(folder_path)):
            atomic_file.remove(folder_path)
    systemd.reload()
    command.attempt(['systemctl', 'stop', NAME], 30)
    command.attempt(['systemctl', 'reset-failed', NAME], 30)


def verdict(data, boot_id, now):
    """Say what the dead-man has to do.

    :param data: the journal (dict) or None.
    :param boot_id: id of this boot.
    :param now: seconds since this boot.
    :returns: ``disarm`` without an open job, ``wait``, or ``fire``.
    """
    if not journal.is_open(data):
        return 'disarm'
    if not data.get('undos'):
        return 'wait'
    if data.get('deadline') is None:
        # Undos without a deadline are those of a prepare that has ended.
        return 'wait' if data.get('boot_id') == boot_id else 'fire'
    if data.get('deadline_boot') != boot_id or now >= data['deadline']:
        return 'fire'
    return 'wait'


def watch(request):
    """Guard the node until its job is released; systemd runs this.

    :returns: {'watched': True} when there is no job any more.
    """
    looked = retried = clock.boottime()
    while True:
        # The journal is replaced in one move: reading needs no lock.
        try:
            data = journal.load()
        except journal.UnknownFormat as error:
            wake_foreign(error)
            continue
        what = verdict(data, clock.boot_id(), clock.boottime())
        if what == 'disarm':
            disarm()
            return {'watched': True}
        if what == 'fire':
            fire()
        # It may take its time: never while somebody waits to be resumed.
        elif not data['undos'] and clock.boottime() >= looked + _LOOK:
            looked = clock.boottime()
            _drop_orphans()
        if what == 'wait' and needs_retry(data) and (
                clock.boottime() >= retried + _AGAIN):
            retried = clock.boottime()
            registry.retry_failed(data['before'].get('services') or {})
        time.sleep(0.5)


def wake_foreign(error):
    """Do what can be done with a journal of another format: resume at its
    deadline what is known here, again and again, and change nothing in it.
    This unit stays, even when the job is closed.

    :param error: the :class:`journal.UnknownFormat`.
    """
    if verdict(error.data, clock.boot_id(), clock.boottime()) != 'fire':
        time.sleep(0.5)
        return
    print('%s %s' % (error.cause, error.hint), file=sys.stderr)
    print('resumed: %s' % ' '.join(resume.wake(error.data, _FOREIGN)),
          file=sys.stderr)
    time.sleep(_FOREIGN)


def _drop_orphans():
    try:
        reason = orphans.drop()
    except (errors.NodeError, OSError) as error:
        reason = 'Snapshots remain for now: %s' % error
    if reason:
        print(reason, file=sys.stderr)


def needs_retry(data):
    """Tell whether services were resumed with nobody to see them well."""
    return (data['deadman_fired'] and not data['undos']
            and not data.get('healthy', True))


def fire():
    """Resume the node if that is due; whoever is first marks the journal."""
    with journal.edit(patience=resume.PATIENCE, undoing=True) as opened:
        # It may have been resumed or renewed a moment ago.
        if verdict(opened.data, clock.boot_id(), clock.boottime()) != 'fire':
            return
        if not opened.data['deadman_fired']:
            opened.fired()
    try:
        done = resume.undo(_WAIT)
        print('resumed: %s' % ' '.join(done['started']), file=sys.stderr)
    except errors.NodeError as error:
        print('%s %s' % (error.cause, error.hint), file=sys.stderr)
