# SPDX-License-Identifier: Apache-2.0
"""How the plan of a restore looks."""
from baasclient import columns

_NOT_YET = 'not known before the rescue system runs'


class Steps(columns.Column):
    """Steps, and what they do."""

    def human(self, value):
        """Give one a line."""
        width = max((len(step['name']) for step in value), default=0)
        return '\n'.join('%-*s  %s' % (width, step['name'],
                                       step['description'])
                         for step in value)


class Machines(columns.Column):
    """Machines, and how each is booted."""

    def human(self, value):
        """Give one a line."""
        return '\n'.join(columns.printable('%s  %s%s' % (
            one['node'], one['boot'],
            ' (%s)' % one['boot_mode'] if one['boot_mode'] else ''))
            for one in value)


class Backups(columns.Column):
    """Backups of machines, and how old they are."""

    def human(self, value):
        """Give one a line."""
        return '\n'.join(columns.printable('%s  %s of %s, %s ago' % (
            one['node'], one['backup_id'], one['creation_date'],
            columns.human_seconds(one['age_seconds']))) for one in value)


class Disks(columns.Column):
    """File systems of machines, and where each is written."""

    def human(self, value):
        """Give one a line."""
        return '\n'.join(
            columns.printable(line) for one in value
            for line in self._lines(one['node'], one['disks'])) or '-'

    def _lines(self, node, disks):
        if disks is None:
            return ['%s  the manifest cannot be read' % node]
        return ['%s  %s  %s%s -> %s' % (
            node, disk['mountpoint'], disk['fstype'],
            ' %s' % columns.human_bytes(disk['size_bytes'])
            if disk['size_bytes'] is not None else '',
            disk['target_device'] or _NOT_YET) for disk in disks]


class FromMembers(columns.Column):
    """What living members give."""

    def human(self, value):
        """Give one a line."""
        return '\n'.join(columns.printable('%s from %s' % (
            one['what'], ', '.join(one['members']))) for one in value) or '-'


class Problems(columns.Column):
    """What fails now."""

    def human(self, value):
        """Give a line each for cause and hint."""
        return '\n'.join(columns.printable(line) for one in value for line in
                         ('%(node)s: %(cause)s' % one, one['hint'])
                         if line) or '-'


def lay_out(job):
    """Lay out what a job that plans a restore has found.

    :param job: the job, as the service gives it.
    :returns: names of attributes, and their values.
    """
    found = job['plan'] or {
        'steps': [], 'machines': [], 'reachable_members': [],
        'unreachable_members': [], 'from_members': [],
        'problems': [], 'duration_seconds': None, 'restore_id': None,
        'summary': []}
    machines = found['machines']
    bare = [{key: value for key, value in one.items() if key != 'disks'}
            for one in machines]
    shown = (
        ('id', columns.Column(job['id'])),
        ('state', columns.Column(job['state'])),
        ('target', columns.Column(job['target'])),
        ('machines', Machines(bare)), ('backups', Backups(bare)),
        ('disks', Disks([{'node': one['node'], 'disks': one['disks']}
                         for one in machines])),
        ('steps', Steps(found['steps'])),
        ('duration_seconds', columns.Expected(found['duration_seconds'],
                                              columns.Seconds)),
        ('restore_id', columns.Column(found['restore_id'])),
        ('reachable_members', columns.Names(found['reachable_members'])),
        ('unreachable_members', columns.Names(found['unreachable_members'])),
        ('from_members', FromMembers(found['from_members'])),
        ('problems', Problems(found['problems'])),
        ('summary', columns.Names(found['summary'])))
    return [name for name, _ in shown], [value for _, value in shown]
