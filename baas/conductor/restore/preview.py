# SPDX-License-Identifier: Apache-2.0
"""What a restore will do, from history, inventory, manifest and whatever its
first step has found so far."""
from baas.conductor.restore import shared_files
from baas.db import restores
from baas.db import session
from baas import errors
from baas.jobs import disks
from baas.jobs import restore_plan
from baas.node.system import nics

_TAKEN = (('galera', 'The content of the Galera database'),
          ('rabbitmq', 'The state of the RabbitMQ cluster'),
          ('pacemaker', 'The configuration of the Pacemaker cluster'))


def look(handler, failures):
    """Put together the plan of a restore.

    :param handler: :class:`baas.conductor.restore.restore.Restore`.
    :param failures: mapping of node to {cause, hint}: what has failed.
    :returns: as :func:`baas.jobs.restore_plan.build`.
    """
    with session.reader() as connection:
        now = session.now(connection)
    problems = {node: {'node': node, 'cause': failure['cause'],
                       'hint': failure.get('hint')}
                for node, failure in failures.items()}
    remarks = []
    machines = [_machine(handler, node, now, problems, remarks)
                for node in handler.nodes]
    reachable = handler.members()
    return restore_plan.build(
        handler.restores, machines, previous=restore_plan.choose(
            restores.done(), handler.restores, handler.job.node,
            handler.job.target),
        reachable_members=sorted(reachable),
        unreachable_members=sorted(set(handler.peers) - set(reachable)),
        from_members=[*_from_members(reachable), *_shared_by(handler)],
        differing=shared_files.differing(handler), remarks=remarks,
        problems=[problems[node] for node in sorted(problems)])


def _machine(handler, node, now, problems, remarks):
    row = handler.backups[node]
    try:
        layout = handler.manifest(node)['layout']
    except errors.BaasError as error:
        layout = None
        problems.setdefault(node, {'node': node, 'cause': str(error),
                                   'hint': error.hint})
    return {
        'node': handler.machine(node), 'restored_as': node,
        'backup_id': row.id,
        'creation_date': row.created_at.isoformat(
            timespec='milliseconds') + 'Z',
        'age_seconds': (now - row.created_at).total_seconds(),
        'size_bytes': row.size_bytes, 'boot_method': handler.conf.boot.method,
        'boot_mode': layout and layout.get('boot'),
        'boot': _boot(handler, node),
        'disks': None if layout is None else disks.mapping(
            layout, _target_devices(handler, node, layout, remarks))}


def _target_devices(handler, node, layout, remarks):
    """Tell where each file system will be written.

    :param remarks: list that gets sentences on how that is known.
    :returns: mapping as :func:`baas.jobs.disks.mapping` takes it; None when
        that is not known yet.
    """
    results = handler.results.get(node, {})
    if 'check_disk' in results:
        # Whoever made the file systems has mounted them there.
        return {one['mountpoint']: handler.boot.root.rstrip('/')
                + one['mountpoint'].rstrip('/')
                for one in layout.get('filesystems', ())}
    present = results.get('precheck', {}).get('disks')
    if present is None or not layout.get('disks'):
        return None
    target_devices, sentences = disks.expect(layout, present)
    present_nics = results['precheck'].get('cards')
    if present_nics is not None:
        sentences += nics.sentences(*nics.choose(layout.get('cards', ()),
                                                 present_nics))
    remarks += [f'{handler.machine(node)}: {sentence}'
                for sentence in sentences]
    if sentences:
        remarks.append(
            f'That goes by the last inspection of {handler.machine(node)} by '
            f'the Bare Metal service; the rescue system looks again before '
            f'anything is written.')
    return target_devices


def _boot(handler, node):
    # None of them where nothing is booted, or where that is not known.
    files = handler.results.get(node, {}).get('precheck',
                                              {}).get('files') or ()
    image = {'iso': ', with its ISO', 'kernel': ', with kernel and initrd'}
    return handler.boot.description + ''.join(image.get(name, '')
                                              for name in files)


def _from_members(found):
    for name, what in _TAKEN:
        members = sorted(peer for peer, check in found.items()
                         if check.get(name))
        if members:
            yield {'what': what, 'members': members}


def _shared_by(handler):
    source_member = shared_files.source_member(handler)
    if source_member:
        yield {'what': 'What all members have in common, such as keys,',
               'members': [source_member]}
