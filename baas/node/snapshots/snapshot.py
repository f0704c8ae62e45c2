# SPDX-License-Identifier: Apache-2.0
"""The snapshots of a backup: all file systems held still, or read while
quiesced."""
import os

from baas.node.disks import filesystems
from baas.node import errors
from baas.node.filelist import walk
from baas.node import journal
from baas.node import payloads
from baas.node.services import registry
from baas.node import snapshots
from baas.node.snapshots import offline
from baas.node.system import clock
from baas.node.system import syscalls


def arrange(request):
    """Do what lasts of :func:`snapshot`, before services freeze: snapshots
    of an earlier try are dropped, those to come are planned, and what is
    dirty is written.

    :returns: what was planned, for :func:`snapshot` in this process.
    :raises errors.NodeError: see :func:`snapshot`.
    """
    offline.forget(request.job)
    drop(request.job, request.epoch)
    mounts = wanted(request.options.get('capture', {}).get('excludes', []))
    planned = plan(request, mounts)
    write_out(mounts)
    return mounts, planned


def write_out(mounts):
    """Have on the disks what was written to some file systems."""
    for mount in mounts:
        syscalls.sync(mount['mountpoint'])


def snapshot(request, arranged=None, watchdog=None):
    """Take snapshots of every file system, and read what has none.

    Option: capture, the options of the verb ``capture``; it is done here,
    while the node is quiesced, when a file system has no snapshots. The verb
    then finds it done.

    :param arranged: what :func:`arrange` has given, if it was called before.
    :param watchdog: of a freeze, see
        :func:`baas.node.services.registry.resumed_early`.
    :returns: {'snapshots': [{'mountpoint', 'subvolume', 'path'}],
        'live': [mount points], 'offline_mounts': [mount points],
        'seconds'}.
    :raises errors.NodeError: the node is not quiesced any more, or was never
        and has a file system without snapshots.
    """
    began = clock.boottime()
    with journal.edit(request.job, request.epoch) as opened:
        if opened.data.get('snapshot_done'):
            return _result(opened.data, 0.0)
        offline.refuse_resumed(opened.data)
    mounts, planned = arranged or arrange(request)
    if arranged:
        write_out(mounts)
    for driver, wanted_ones in planned:
        driver.take(wanted_ones)
    if snapshots.of(mounts)['none']:
        offline.read(request)
    with journal.edit(request.job, request.epoch) as opened:
        offline.refuse_resumed(opened.data)
        _refuse_resumed_early(opened.data, watchdog)
        opened.snapshotted()
        return _result(opened.data, clock.boottime() - began)


def wanted(excludes):
    """Give the file systems of a backup that are not left out altogether.

    :param excludes: globs (list of str).
    :returns: list as of :func:`baas.node.disks.filesystems.captured`.
    """
    pattern = walk.pattern(excludes)
    return [mount for mount in filesystems.captured()
            if not walk.leaves_out(pattern, mount['mountpoint'])]


def plan(request, mounts):
    """Record what is going to be made.

    :returns: list of (driver, [what it will make]).
    :raises errors.NodeError: a file system has no snapshots, and the node
        is not quiesced.
    """
    kinds = snapshots.of(mounts)
    options = request.options.get('capture', {})
    everything = [mount['mountpoint'] for mount in filesystems.captured()]
    planned = [(driver, driver.plan(kinds[driver.name], request.job,
                                    everything, options))
               for driver in snapshots.DRIVERS]
    seen = {os.fsdecode(mount['mountpoint']): walk.fingerprint(
        mount['mountpoint']) for mount in kinds[snapshots.LIVE]}
    with journal.edit(request.job, request.epoch) as opened:
        problem = _unreadable(kinds['none'], options)
        if kinds['none'] and not opened.data.get('quiesce_token'):
            problem = problem or needs_quiesce(kinds['none'])
        if problem:
            raise errors.NodeError(problem['cause'], problem['hint'])
        opened.planned(
            snapshots=[one for _, ones in planned for one in ones],
            room={name: options[name] for name in options
                  if name.endswith('_percent')},
            live=_places(kinds[snapshots.LIVE]), live_fingerprints=seen,
            offline_mounts=_places(kinds['none']))
    return planned


def _refuse_resumed_early(data, watchdog=None):
    # The watchdog of a freeze thaws before it updates the journal, a lock ends
    # with whoever holds it, and anybody may start what was stopped.
    resumed_early = registry.resumed_early(data['undos'], watchdog)
    if resumed_early:
        raise errors.NodeError(
            'No longer quiesced at the end of the snapshots: %s.'
            % ', '.join(resumed_early),
            'Release the job and take another backup.')


def problems(options):
    """Tell what stands in the way of holding the file systems still.

    :param options: of the verb ``check``: stopall, way, excludes,
        reserve_percent, lvm_use_percent, lvm_least_percent, payload.
    :returns: list of {'cause', 'hint'}.
    """
    kinds = snapshots.of(wanted(options.get('excludes', [])))
    found = [problem for driver in snapshots.DRIVERS
             for problem in driver.room(kinds[driver.name], options)]
    unreadable = _unreadable(kinds['none'], options)
    if unreadable:
        found.append(unreadable)
    elif kinds['none'] and not options.get('stopall', True):
        found.append(needs_quiesce(kinds['none']))
    elif kinds['none'] and options.get('mode') == 'freeze':
        found.append(dict(needs_quiesce(kinds['none']), hint='Set [quiesce] '
                                                             'mode '
                          'to stop: what is frozen cannot be read in time.'))
    return found


def _unreadable(mounts, options):
    """Make the problem of a payload that cannot be read while quiesced."""
    if not mounts or payloads.of(options).repeats:
        return None
    return {'cause': 'A payload of kind %s needs snapshots, and this node has '
            'file systems without: %s.' % (options['payload'],
                                           _named(mounts)),
            'hint': 'Set [payload] kind to restic, or leave them out by '
            '[payload] excludes.'}


def needs_quiesce(mounts):
    """Make the problem of file systems that can only be read while quiesced.

    :returns: {'cause', 'hint'}.
    """
    return {'cause': 'This node has file systems without snapshots: %s.'
            % _named(mounts),
            'hint': 'Take the backup with stopall=yes, which reads them '
            'while services are quiesced, or leave them out by [payload] '
            'excludes.'}


def _named(mounts):
    return ', '.join('%s (%s)' % (ascii(os.fsdecode(
        mount['mountpoint']))[1:-1], mount['fstype']) for mount in mounts)


def _places(mounts):
    return [os.fsdecode(mount['mountpoint']) for mount in mounts]


def _result(data, seconds):
    return {'snapshots': data['snapshots'], 'live': data['live'],
            'offline_mounts': data.get('offline_mounts', []),
            'seconds': round(seconds, 3)}


def drop(job, epoch):
    """Delete the snapshots of a job: recorded ones, and any in its folder.

    :returns: paths of those deleted.
    """
    data = journal.load()
    ours = journal.is_open(data) and data['job'] == job
    kinds = snapshots.of(filesystems.captured())
    recorded = dict(snapshots.planned(data)) if ours else {}
    dropped = []
    for driver in snapshots.DRIVERS:
        places = {mount['mountpoint'] for mount in kinds[driver.name]}
        if ours:
            places.update(os.fsencode(one['mountpoint'])
                          for one in recorded[driver])
        dropped += driver.drop(job, places)
    if ours:
        with journal.edit(job, epoch, undoing=True) as opened:
            opened.dropped()
    return dropped
