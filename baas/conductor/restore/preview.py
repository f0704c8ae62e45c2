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


def look(kind, failures):
    """Put together the plan of a restore.

    :param kind: :class:`baas.conductor.restore.restore.Restore`.
    :param failures: mapping of node to {cause, hint}: what has failed.
    :returns: as :func:`baas.jobs.restore_plan.build`.
    """
    with session.reader() as connection:
        now = session.now(connection)
    problems = {node: {'node': node, 'cause': said['cause'],
                       'hint': said.get('hint')}
                for node, said in failures.items()}
    remarks = []
    machines = [_machine(kind, node, now, problems, remarks)
                for node in kind.nodes]
    found = kind.members()
    return restore_plan.build(
        kind.restores, machines, earlier=restore_plan.choose(
            restores.done(), kind.restores, kind.job.node, kind.job.target),
        living=sorted(found), silent=sorted(set(kind.peers) - set(found)),
        taken=[*_taken(found), *_lent(kind)],
        differing=shared_files.differing(kind), remarks=remarks,
        problems=[problems[node] for node in sorted(problems)])


def _machine(kind, node, now, problems, remarks):
    row = kind.backups[node]
    try:
        layout = kind.manifest(node)['layout']
    except errors.BaasError as error:
        layout = None
        problems.setdefault(node, {'node': node, 'cause': str(error),
                                   'hint': error.hint})
    return {
        'node': kind.machine(node), 'becomes': node, 'backup_id': row.id,
        'creation_date': row.created_at.isoformat(
            timespec='milliseconds') + 'Z',
        'age_seconds': (now - row.created_at).total_seconds(),
        'size_bytes': row.size_bytes, 'boot_method': kind.conf.boot.method,
        'boot_mode': layout and layout.get('boot'),
        'boot': _boot(kind, node),
        'disks': None if layout is None else disks.mapping(
            layout, _onto(kind, node, layout, remarks))}


def _onto(kind, node, layout, remarks):
    """Tell where each file system will be written.

    :param remarks: list that gets sentences on how that is known.
    :returns: mapping as :func:`baas.jobs.disks.mapping` takes it; None when
        that is not known yet.
    """
    found = kind.results.get(node, {})
    if 'blank' in found:
        # Whoever made the file systems has mounted them there.
        return {one['mountpoint']: kind.boot.root.rstrip('/')
                + one['mountpoint'].rstrip('/')
                for one in layout.get('filesystems', ())}
    present = found.get('bootable', {}).get('disks')
    if present is None or not layout.get('disks'):
        return None
    onto, said = disks.expect(layout, present)
    there = found['bootable'].get('cards')
    if there is not None:
        said += nics.sentences(*nics.choose(layout.get('cards', ()), there))
    remarks += [f'{kind.machine(node)}: {sentence}' for sentence in said]
    if said:
        remarks.append(
            f'That goes by the last inspection of {kind.machine(node)} by '
            f'the Bare Metal service; the rescue system looks again before '
            f'anything is written.')
    return onto


def _boot(kind, node):
    # None of them where nothing is booted, or where that is not known.
    files = kind.results.get(node, {}).get('bootable', {}).get('files') or ()
    image = {'iso': ', with its ISO', 'kernel': ', with kernel and initrd'}
    return kind.boot.how + ''.join(image.get(name, '') for name in files)


def _taken(found):
    for name, what in _TAKEN:
        members = sorted(peer for peer, check in found.items()
                         if check.get(name))
        if members:
            yield {'what': what, 'members': members}


def _lent(kind):
    lender = shared_files.lender(kind)
    if lender:
        yield {'what': 'What all members have in common, such as keys,',
               'members': [lender]}
