# SPDX-License-Identifier: Apache-2.0
"""What a restore will do, as a part of its job."""
from wsme import types as wsme_types

from baas.api import resource
from baas.api import types


class PlannedStep(wsme_types.Base):
    """One step of a restore."""
    name = resource.field(str, 'Name of the step.')
    description = resource.field(str, 'What it does, one sentence.')


class PlannedDisk(wsme_types.Base):
    """One file system of a backup, and where it is written."""
    mountpoint = resource.field(str, 'Where the node mounts it.')
    fstype = resource.field(str, 'Its kind.', null=True)
    size_bytes = resource.field(int, 'How large it was.', null=True)
    used_bytes = resource.field(int, 'How much of it was used.', null=True)
    source_device = resource.field(str, 'The device that it was on.',
                                   null=True)
    target_device = resource.field(
        str, 'Where it will be written, by what is known of the machine; '
             'null: that is not known before the rescue system runs.',
        null=True)


class PlannedMachine(wsme_types.Base):
    """One machine that is restored."""
    node = resource.field(str, 'Its inventory name.')
    restored_as = resource.field(
        str, 'The node that the backup is of, which it becomes.')
    backup_id = resource.field(types.uuid, 'The backup that it gets.')
    creation_date = resource.field(
        types.timestamp, 'When that was asked for: later changes are lost.')
    age_seconds = resource.field(float, 'How long ago that is.')
    size_bytes = resource.field(int, 'Size of all of its files.', null=True)
    boot_method = resource.field(str, 'How a rescue system gets there.')
    boot_mode = resource.field(
        str, 'How the node boots, uefi or bios; null: not known.', null=True)
    boot = resource.field(str, 'What the boot method does, in words.')
    disks = resource.field(
        [PlannedDisk], 'What is written where; null: the manifest of the '
                       'backup cannot be read.', null=True)


class FromMembers(wsme_types.Base):
    """What living members give to the one that comes back."""
    what = resource.field(str, 'What it is.')
    members = resource.field([str], 'Who has it.')


class Problem(wsme_types.Base):
    """What fails now."""
    node = resource.field(str, 'The node that it is about.')
    cause = resource.field(str, 'What is wrong, one sentence.')
    hint = resource.field(str, 'What to do, one sentence.', null=True)


class RestorePlan(wsme_types.Base):
    """What a restore will do; null is not known."""
    steps = resource.field([PlannedStep], 'Its steps, in order.')
    machines = resource.field([PlannedMachine], 'What is restored.')
    duration_seconds = resource.field(
        float, 'How long it is expected to take.', null=True)
    restore_id = resource.field(
        types.uuid, 'The earlier restore that this goes by.', null=True)
    reachable_members = resource.field([str], 'The other members that answer.')
    unreachable_members = resource.field([str], 'Those that do not.')
    from_members = resource.field([FromMembers], 'What living members give.')
    problems = resource.field([Problem], 'What fails now.')
    summary = resource.field([str], 'The same in words.')
