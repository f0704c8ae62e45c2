# SPDX-License-Identifier: Apache-2.0
"""What a restore will do, told before anything is done."""
import dataclasses

from baas.jobs import plans

DOES = {
    'plan': 'Checks the manifest, whether the machine can be booted, and the '
            'other members; changes nothing.',
    'rescue': 'Has its fence devices hold still, and boots the machine into '
              'the rescue system, which calls in.',
    'prepare': 'Brings the node program and the credentials into it.',
    'recover': 'Writes all files onto the disks and compares each with the '
               'list of the backup.',
    'boot': 'Restarts the machine from its disk and waits until it answers.',
    'rejoin': 'Takes from a living member, if any, what all have in common; '
              'starts the services that were held back, the cluster first.',
    'check': 'Waits until services and cluster are well.',
    'release': 'Wipes the credentials.',
    'put_back': 'Puts back what was changed to boot the rescue system.',
}
"""What each step of a restore does, one sentence."""


@dataclasses.dataclass(frozen=True)
class Earlier:
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
    :returns: :class:`Earlier`, or None.
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
    return Earlier(
        row.id, (row.finished_at - row.started_at).total_seconds(),
        (row.recovered_at - row.recover_at).total_seconds(),
        row.size_bytes, alike)


def duration(earlier, size):
    """Reckon how long a restore will take.

    Files take as long as there are bytes, all else as long as it took.

    :param earlier: :class:`Earlier`, or None.
    :param size: bytes of the largest backup to be restored, or None.
    :returns: seconds; None when it is not known.
    """
    if earlier is None:
        return None
    if earlier.size and size:
        return (earlier.seconds - earlier.recovering
                + earlier.recovering * size / earlier.size)
    return earlier.seconds if earlier.alike else None


def build(kind, machines, *, earlier=None, living=(), silent=(), taken=(),
          differing=(), remarks=(), problems=()):
    """Put together what is known of a restore.

    :param kind: ``restore`` or ``restore-set``.
    :param machines: list of {node, becomes, backup_id, creation_date,
        age_seconds, size_bytes, boot_method, boot_mode, boot, disks}, as the
        API has them.
    :param earlier: :class:`Earlier`; None when there is none.
    :param living: names of the other members that answer.
    :param silent: names of those that do not.
    :param taken: list of {what, members}: what living members give.
    :param differing: globs of files that members should have in common, and
        do not.
    :param remarks: sentences on what becomes of which disk.
    :param problems: list of {node, cause, hint}: what fails now.
    :returns: {steps, machines, duration_seconds, restore_id, living, silent,
        taken, problems, sentences}. ``sentences`` says the same in words.
    """
    sizes = [one['size_bytes'] for one in machines]
    seconds = duration(earlier, None if None in sizes else max(sizes))
    found = {
        'steps': [{'name': step.name, 'does': DOES[step.name]}
                  for step in plans.build(kind)],
        'machines': machines, 'duration_seconds': seconds,
        'restore_id': None if seconds is None else earlier.id,
        'living': list(living), 'silent': list(silent),
        'taken': list(taken), 'problems': list(problems)}
    return {**found, 'sentences': [*_sentences(found), *remarks] + [
        f'The living members do not have the same {glob}: that of the backup '
        f'stays.' for glob in differing]}


def _sentences(found):
    said = [sentence for one in found['machines']
            for sentence in _of_machine(one)]
    said.append(
        'How long the restore will take is not known.'
        if found['duration_seconds'] is None else
        f'It is expected to take {found["duration_seconds"]:.0f} s, going by '
        f'restore {found["restore_id"]}.')
    said += [f'{one["what"]} comes from {", ".join(one["members"])}.'
             for one in found['taken']]
    if found['silent']:
        said.append(f'No answer came from {", ".join(found["silent"])}.')
    if found['living'] and not found['taken']:
        said.append('No other member has a cluster for it to join.')
    return said + [f'Fails now on {one["node"]}: {one["cause"]}'
                   for one in found['problems']]


def _of_machine(one):
    yield (f'{one["node"]} gets backup {one["backup_id"]} of '
           f'{one["creation_date"]}; what has changed on it in the '
           f'{_age(one["age_seconds"])} since then is lost.')
    if one['becomes'] != one['node']:
        yield (f'{one["node"]} becomes {one["becomes"]}, with its name, '
               f'addresses and keys, and is there no more itself.')
    yield f'{one["node"]}: {one["boot"]}.'
    if one['disks'] is None or any(
            disk['onto'] is None for disk in one['disks']):
        yield (f'Onto which disks of {one["node"]} it is written is not '
               f'known before the rescue system runs.')


def _age(seconds):
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    if days:
        return f'{days} d {hours} h'
    return f'{hours} h {rest // 60} min' if hours else f'{rest // 60} min'
