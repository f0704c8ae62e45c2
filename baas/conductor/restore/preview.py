# SPDX-License-Identifier: Apache-2.0
"""Puts the plan of a restore together, from history, inventory, manifest and
whatever its first step has found so far."""
import dataclasses

from baas.conductor.restore import shared_files
from baas.db import restores
from baas.db import session
from baas.jobs import disks
from baas.jobs import restore_plan
from baas.node.system import nics

_TAKEN = (('galera', 'The content of the Galera database'),
          ('rabbitmq', 'The state of the RabbitMQ cluster'),
          ('pacemaker', 'The configuration of the Pacemaker cluster'))


@dataclasses.dataclass(frozen=True)
class Restored:
    """One node that is restored, as far as it is known.

    :ivar machine: inventory name of the machine that becomes it.
    :ivar backup: row of its backup.
    :ivar layout: that of its manifest; None: it could not be read.
    :ivar results: {verb: result} of what was found so far.
    """
    node: str
    machine: str
    backup: object
    layout: dict
    results: dict


def look(job, kind, restored, boot, *, method, checks, silent, failures):
    """Put together the plan of a restore.

    :param job: row of the job.
    :param kind: kind of the job that restores so.
    :param restored: list of :class:`Restored`.
    :param boot: the :class:`baas.boot.base.Method` that boots the machines.
    :param method: its name.
    :param checks: mapping of each other member that answered to the result
        of its verb ``check``.
    :param silent: names of those that did not.
    :param failures: mapping of node to {cause, hint}: what has failed.
    :returns: as :func:`baas.jobs.restore_plan.build`.
    """
    with session.reader() as connection:
        now = session.now(connection)
    remarks = []
    machines = [_machine(one, boot, method, now, remarks) for one in restored]
    return restore_plan.build(
        kind, machines, previous=restore_plan.choose(
            restores.done(), kind, job.node, job.target),
        reachable_members=sorted(checks), unreachable_members=sorted(silent),
        from_members=[*_from_members(checks), *_shared_by(checks)],
        differing=shared_files.differing(checks), remarks=remarks,
        problems=[{'node': node, 'cause': failures[node]['cause'],
                   'hint': failures[node].get('hint')}
                  for node in sorted(failures)])


def _machine(one, boot, method, now, remarks):
    row, layout = one.backup, one.layout
    return {
        'node': one.machine, 'restored_as': one.node, 'backup_id': row.id,
        'creation_date': row.created_at.isoformat(
            timespec='milliseconds') + 'Z',
        'age_seconds': (now - row.created_at).total_seconds(),
        'size_bytes': row.size_bytes, 'boot_method': method,
        'boot_mode': layout and layout.get('boot'),
        'boot': _boot(one, boot),
        'disks': None if layout is None else disks.mapping(
            layout, _target_devices(one, boot, remarks))}


def _target_devices(one, boot, remarks):
    """Tell where each file system will be written.

    :param remarks: list that gets sentences on how that is known.
    :returns: mapping as :func:`baas.jobs.disks.mapping` takes it; None when
        that is not known yet.
    """
    results, layout = one.results, one.layout
    if 'check_disk' in results:
        # Whoever made the file systems has mounted them there.
        return {entry['mountpoint']: boot.root.rstrip('/')
                + entry['mountpoint'].rstrip('/')
                for entry in layout.get('filesystems', ())}
    present = results.get('precheck', {}).get('disks')
    if present is None or not layout.get('disks'):
        return None
    target_devices, sentences = disks.expect(layout, present)
    present_nics = results['precheck'].get('cards')
    if present_nics is not None:
        sentences += nics.sentences(*nics.choose(layout.get('cards', ()),
                                                 present_nics))
    remarks += [f'{one.machine}: {sentence}' for sentence in sentences]
    if sentences:
        remarks.append(
            f'That goes by the last inspection of {one.machine} by '
            f'the Bare Metal service; the rescue system looks again before '
            f'anything is written.')
    return target_devices


def _boot(one, boot):
    # None of them where nothing is booted, or where that is not known.
    files = one.results.get('precheck', {}).get('files') or ()
    image = {'iso': ', with its ISO', 'kernel': ', with kernel and initrd'}
    return boot.description + ''.join(image.get(name, '') for name in files)


def _from_members(checks):
    for name, what in _TAKEN:
        members = sorted(peer for peer, check in checks.items()
                         if check.get(name))
        if members:
            yield {'what': what, 'members': members}


def _shared_by(checks):
    source_member = shared_files.source_member(checks)
    if source_member:
        yield {'what': 'What all members have in common, such as keys,',
               'members': [source_member]}
