# SPDX-License-Identifier: Apache-2.0
"""Read the living node beforehand, so that little is left to read at rest."""
import json
import os
import time

from baas.node import conditions
from baas.node import failure
from baas.node import filelist
from baas.node import places
from baas.node import reading
from baas.node import record
from baas.node import restic
from baas.node import restless
from baas.node import snapshot
from baas.node import snapshots
from baas.node import view
from baas.node import walk

_KIND = 'seed'


def seed(request):
    """Store what the node holds now, where it will be read at rest.

    Options: as of the verb ``capture``. Where every file system has
    snapshots nothing is done.

    :returns: {'snapshot': id or None, 'stored_bytes', 'seconds'}.
    :raises failure.NodeError: it could not be stored.
    """
    began = time.monotonic()
    mounts = snapshot.wanted(request.options.get('excludes', []))
    if not snapshots.of(mounts)['none']:
        return {'snapshot': None, 'stored_bytes': 0, 'seconds': 0.0}
    restic.require()
    # Recorded before: whatever comes of it, the release removes it.
    _note(request, None, 0)
    tops = [os.fsdecode(mount['mountpoint']) for mount in mounts]
    top = view.assemble({'job': request.job, 'snapshots': [],
                         'live': tops})
    pattern = walk.pattern(reading.globs(request, tops))
    since = restless.pause(tops)
    run = reading.Reading(
        request, top, pattern, _KIND, request.options.get('parent'),
        conditions.Conditions(request, {'snapshots': []}), live=True)
    with run:
        run.wait()
    summary = run.finish('read the node', (0, 3))
    _remember(request, top, pattern, since)
    name = _thin(request, top, pattern, since)
    stored = summary.get('data_added_packed', 0)
    _note(request, name, stored)
    return {'snapshot': name, 'stored_bytes': stored,
            'seconds': round(time.monotonic() - began, 3)}


def _note(request, name, stored):
    with record.held(request.job, request.epoch) as held:
        held.data['seed'] = {'backup': request.option('backup'),
                             'snapshot': name, 'stored_bytes': stored}
        held.save()


def _remember(request, top, pattern, since):
    """Hash what does not change, so that it need not be read at rest."""
    places.make(places.state('files'))
    path = places.state('files', 'seed.jsonl')
    writer = filelist.Writer(
        path, places.state('files', 'memory.jsonl'),
        request.option('backup'), request.option('host'), since)
    for name, found in walk.walk(top, pattern, None, True):
        try:
            writer.add(top, name, found)
        except FileNotFoundError:
            continue
        if writer.files % 50 == 0:
            request.tell(percent=99, task='hashing files')
    writer.close()
    os.unlink(path)


def _thin(request, top, pattern, since):
    """Take out of the seed what changed since it was begun.

    restic tells by size and time whether a file has changed. A file that was
    changed, read and changed again between two ticks of the clock would pass
    for unchanged, with the content of before.

    :returns: id of the snapshot that is left.
    """
    path = places.work(request.job, 'excludes')
    with open(path, 'w', encoding='utf-8') as handle:
        count = 0
        for name, found in restless.find(top, pattern, None, since):
            if found.st_mode & 0o170000 != 0o040000:
                handle.write(restic.literal(b'/' + name) + '\n')
                count += 1
    names = _stored(request)
    if count and names:
        status, _, said = restic.quick(request, [
            'rewrite', '--exclude-file', path, '--forget', '--retry-lock',
            '5m'] + names, 3600)
        if status:
            raise restic.error('thin the seed', status, said)
        names = _stored(request)
    if not names:
        raise failure.NodeError('The seed of this backup is not stored.',
                                'Release the job and take another backup.')
    return names[-1]


def _stored(request, backup=None):
    """List the ids of the seeds of a backup, oldest first."""
    tags = 'kind=%s,backup=%s' % (_KIND, backup or request.option('backup'))
    status, out, said = restic.quick(
        request, ['snapshots', '--json', '--tag', tags])
    if status:
        raise restic.error('list the seeds', status, said)
    return [one['id'] for one in json.loads(out) or []]


def forget(request):
    """Remove what the job has stored and no backup needs.

    What cannot be removed now goes with the backup itself: it has its tag.

    :param request: of the verb ``release``.
    :returns: how many snapshots were removed from the repository.
    """
    data = record.load()
    if not record.is_open(data) or data['job'] != request.job or (
            not request.options.get('repository')) or (
            not restic.has_credentials(request.job)):
        return 0
    names = list(data.get('spare', []))
    try:
        if data.get('seed'):
            names += _stored(request, data['seed']['backup'])
    except failure.NodeError:
        return 0
    status = names and restic.quick(
        request, ['forget', '--retry-lock', '1m'] + names, 120)[0]
    return len(names) if names and not status else 0
