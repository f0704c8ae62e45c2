# SPDX-License-Identifier: Apache-2.0
"""What a schedule is made of, as it is shown, made and changed."""
from wsme import types as wsme_types

from baas.api import resource
from baas.api import types
from baas.api.v1.schedules import arguments
from baas.jobs import choices
from baas.schedules import due

TARGET = types.choice(*choices.TARGETS)
MISSED = types.choice(*due.MISSED)
NAME, ZONE = types.text(255), types.text(64)
WINDOW = types.amount(1, 7 * 24 * 60)
JITTER = types.amount(0, 24 * 3600)
_MEANS = {
    'name': 'What it and its backups are called.',
    'target': 'What is backed up as a whole.',
    'cron': 'When its runs come: minute, hour, day of the month, month and '
            'day of the week, as crontab(5) has them.',
    'timezone': 'The time zone of these, by its IANA name.',
    'stopall': 'Whether services are quiesced for its backups.',
    'window_minutes': 'How long after its time a run may still begin.',
    'jitter_seconds': 'Its runs begin up to that much later, always by the '
                      'same time, so that not all begin at once.',
    'missed': 'What becomes of runs that nobody could begin in their window: '
              'the newest is caught up once, or all are skipped.',
    'grace_minutes': 'How long after its window a run may go without a good '
                     'set before the schedule is overdue.',
    'may_overlap': 'Whether its windows may overlap with those of other '
                   'schedules of the target.',
    'then': 'What follows a run that has ended well, in order: cleanup, or '
            'cleanup: and the id of a policy.',
    'enabled': 'Whether it has runs.',
}


class LastRun(wsme_types.Base):
    """What became of the last run of a schedule."""
    tick = resource.field(
        types.timestamp, 'When it was to be, without its jitter; null: '
                         'somebody asked for it.', null=True)
    state = resource.field(
        str, 'waiting, skipped, or the state of its job.')
    job_id = resource.field(types.uuid, 'Its job.', null=True)
    reason = resource.field(str, 'Why it was skipped, or waits.', null=True)
    created_at = resource.field(types.timestamp, 'When it was seen to.')


class Schedule(resource.Resource):
    """When backups of a target are taken by themselves."""
    _path = '/v1/schedule'
    _plural = 'schedules'

    id = resource.field(types.uuid, 'Id of the schedule.')
    name = resource.field(str, _MEANS['name'], null=True)
    target = resource.field(TARGET, _MEANS['target'])
    cron = resource.field(str, _MEANS['cron'])
    timezone = resource.field(str, _MEANS['timezone'])
    stopall = resource.field(bool, _MEANS['stopall'])
    window_minutes = resource.field(int, _MEANS['window_minutes'])
    jitter_seconds = resource.field(int, _MEANS['jitter_seconds'])
    missed = resource.field(MISSED, _MEANS['missed'])
    grace_minutes = resource.field(int, _MEANS['grace_minutes'])
    may_overlap = resource.field(bool, _MEANS['may_overlap'])
    then = resource.field([str], _MEANS['then'], column=False)
    ping_host = resource.field(
        str, 'Where a monitor is told of its jobs: the host alone, for the '
             'address is a secret; null: no monitor is.', null=True,
        column=False)
    enabled = resource.field(bool, _MEANS['enabled'])
    next_runs = resource.field(
        [types.timestamp], 'When its next five runs begin; none while it is '
                           'disabled, or all are paused for as long as '
                           'nobody knows.', column=False)
    last_run = resource.field(LastRun, 'What became of its last run.',
                              column=False, null=True)
    overdue_since = resource.field(
        types.timestamp, 'Until when it should have had a good set that is '
                         'not there; null: it is not overdue.', null=True)
    revision = resource.field(int, 'Rises with each change; its ETag.')
    creation_date = resource.field(types.timestamp, 'When it was made.',
                                   column='created_at')
    updated_at = resource.field(types.timestamp, 'When it was last changed.')
    user_id = resource.field(str, 'The user who changed it last; its jobs '
                                  'are of this user.', null=True)
    links = resource.field([resource.Link], 'Where it is.')


class Pause(wsme_types.Base):
    """Whether all schedules are paused, and policies that have a cron."""
    paused = resource.field(bool, 'Whether they are: nothing begins by '
                                  'itself.')
    by_configuration = resource.field(
        bool, 'Whether the configuration says so; only there this ends.')
    paused_at = resource.field(
        types.timestamp, 'Since when somebody has paused them; null: nobody '
                         'has.', null=True)
    until = resource.field(
        types.timestamp, 'When that ends by itself; null: when somebody '
                         'ends it.', null=True)
    reason = resource.field(str, 'Why.', null=True)
    user_id = resource.field(str, 'Who has.', null=True)


class Schedules(wsme_types.Base):
    """A page of schedules."""
    schedules = resource.field([Schedule], 'The schedules.')
    pause = resource.field(Pause, 'Whether all of them are paused.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


def _asked(datatype, name, mandatory=False, null=False):
    return resource.field(datatype, _MEANS[name], mandatory=mandatory,
                          null=null)


class ScheduleChanges(wsme_types.Base):
    """What can be changed of a schedule."""
    name = _asked(NAME, 'name', null=True)
    target = _asked(TARGET, 'target')
    cron = _asked(arguments.CRON, 'cron')
    timezone = _asked(ZONE, 'timezone')
    stopall = _asked(types.truth, 'stopall')
    window_minutes = _asked(WINDOW, 'window_minutes')
    jitter_seconds = _asked(JITTER, 'jitter_seconds')
    missed = _asked(MISSED, 'missed')
    grace_minutes = _asked(arguments.GRACE, 'grace_minutes')
    may_overlap = _asked(types.truth, 'may_overlap')
    then = _asked(arguments.THEN, 'then')
    ping_url = resource.field(
        arguments.PING_URL, 'Where a monitor is told of its jobs, in the '
        'manner of healthchecks; empty or null for no monitor. It is shown '
        'to nobody.', mandatory=False, null=True)
    enabled = _asked(types.truth, 'enabled')


class NewSchedule(ScheduleChanges):
    """What can be asked of a new schedule."""
    target = _asked(TARGET, 'target', mandatory=True)
    cron = _asked(arguments.CRON, 'cron', mandatory=True)
