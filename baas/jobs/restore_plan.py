# SPDX-License-Identifier: Apache-2.0
"""What a restore will do, told before anything is done."""
import dataclasses

from baas.jobs import plans

DESCRIPTIONS = {
    'plan': 'Checks the manifest, whether the machine can be booted, and the '
            'other members; changes nothing.',
    'rescue': 'Suppresses fencing of the machine, boots '
              'the rescue system and waits for its callback.',
    'prepare': 'Brings the node program and the credentials into it.',
    'recover': 'Writes all files onto the disks and compares each with the '
               'list of the backup.',
    'boot': 'Restarts the machine from its disk and waits until it answers.',
    'rejoin': 'Copies shared files from a running member, if any; '
              'starts the services that were held back, the cluster first.',
    'check': 'Waits until services and cluster are healthy.',
    'release': 'Wipes the credentials.',
    'boot_cleanup': 'Undoes what was changed to boot the rescue system.',
}
"""What each step of a restore does, one sentence."""


@dataclasses.dataclass(frozen=True)
class PreviousRun:
    """What a restore that went well has taken.

    :ivar id: its id.
    :ivar seconds: from its begin to its end.
    :ivar recovering: the part of that in which files were written (seconds).
    :ivar size: bytes of the largest of its backups; None: not known.
    :ivar alike: whether it was of the same node, or of a set of the same
        target.
    """
    id: str
    seconds: float
    recovering: float
    size: int
    alike: bool


def choose(rows, kind, node, target):
    """Choose the earlier restore that tells most about the next one.

    :param rows: as :func:`baas.db.restores.done` gives them.
    :param kind: kind of restore that is planned, ``restore`` or
        ``restore-set``.
    :param node: name of its node; None for a set.
    :returns: :class:`PreviousRun`, or None.
    """
    usable = []
    for row in rows:
        alike = (row.kind, row.node, row.target) == (kind, node, target)
        if None not in (row.started_at, row.recover_at, row.recovered_at) and (
                alike or row.size_bytes):
            usable.append((alike, row.target == target, row))
    if not usable:
        return None
    # Of equals max takes the first, and so the newest.
    alike, _, row = max(usable, key=lambda one: one[:2])
    return PreviousRun(
        row.id, (row.finished_at - row.started_at).total_seconds(),
        (row.recovered_at - row.recover_at).total_seconds(),
        row.size_bytes, alike)


def duration(previous, size):
    """Reckon how long a restore will take.

    Files take as long as there are bytes, all else as long as it took.

    :param previous: :class:`PreviousRun`, or None.
    :param size: bytes of the largest backup to be restored, or None.
    :returns: seconds; None when it is not known.
    """
    if previous is None:
        return None
    if previous.size and size:
        return (previous.seconds - previous.recovering
                + previous.recovering * size / previous.size)
    return previous.seconds if previous.alike else None


def build(kind, machines, *, previous=None, reachable_members=(),
          unreachable_members=(), from_members=(),
          differing=(), remarks=(), problems=()):
    """Put together what is known of a restore.

    :param kind: ``restore`` or ``restore-set``.
    :param machines: list of {node, becomes, backup_id, creation_date,
        age_seconds, size_bytes, boot_method, boot_mode, boot, disks}, as the
        API has them.
    :param previous: :class:`PreviousRun`; None when there is none.
    :param reachable_members: names of the other members that answer.
    :param unreachable_members: names of those that do not.
    :param from_members: list of {what, members}: what living members give.
    :param differing: globs of files that members should have in common, and
        do not.
    :param remarks: sentences on what becomes of which disk.
    :param problems: list of {node, cause, hint}: what fails now.
    :returns: {steps, machines, duration_seconds, restore_id, living, silent,
        from_members, problems, summary}. ``summary`` says the same in words.
    """
    sizes = [one['size_bytes'] for one in machines]
    seconds = duration(previous, None if None in sizes else max(sizes))
    plan = {
        'steps': [{'name': step.name, 'description': DESCRIPTIONS[step.name]}
                  for step in plans.build(kind)],
        'machines': machines, 'duration_seconds': seconds,
        'restore_id': None if seconds is None else previous.id,
        'reachable_members': list(reachable_members),
        'unreachable_members': list(unreachable_members),
        'from_members': list(from_members), 'problems': list(problems)}
    return {**plan, 'summary': [*_summary(plan), *remarks] + [
        f'The running members do not have the same {glob}: that of the backup '
        f'stays.' for glob in differing]}


def _summary(plan):
    lines = [sentence for entry in plan['machines']
             for sentence in _of_machine(entry)]
    lines.append(
        'How long the restore will take is not known.'
        if plan['duration_seconds'] is None else
        f'It is expected to take {plan["duration_seconds"]:.0f} s, going by '
        f'restore {plan["restore_id"]}.')
    lines += [f'{entry["what"]} comes from {", ".join(entry["members"])}.'
              for entry in plan['from_members']]
    if plan['unreachable_members']:
        lines.append(f'No answer came from '
                     f'{", ".join(plan["unreachable_members"])}.')
    if plan['reachable_members'] and not plan['from_members']:
        lines.append('No other member has a running cluster that it could '
                     'join.')
    return lines + [f'Fails now on {entry["node"]}: {entry["cause"]}'
                    for entry in plan['problems']]


def _of_machine(one):
    yield (f'{one["node"]} gets backup {one["backup_id"]} of '
           f'{one["creation_date"]}; what has changed on it in the '
           f'{_age(one["age_seconds"])} since then is lost.')
    if one['restored_as'] != one['node']:
        yield (f'{one["node"]} becomes {one["restored_as"]}, with its name, '
               f'addresses and keys, and is there no more itself.')
    yield f'{one["node"]}: {one["boot"]}.'
    if one['disks'] is None or any(
            disk['target_device'] is None for disk in one['disks']):
        yield (f'Onto which disks of {one["node"]} it is written is not '
               f'known before the rescue system runs.')


def _age(seconds):
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    if days:
        return f'{days} d {hours} h'
    return f'{hours} h {rest // 60} min' if hours else f'{rest // 60} min'
