# SPDX-License-Identifier: Apache-2.0
"""/v1/schedule/pause: all schedules at once."""
from oslo_config import cfg
import pecan
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1.schedules import resources
from baas.db.schedule import pauses
from baas.requests import expiry


class NewPause(wsme_types.Base):
    """How all schedules are paused."""
    until = resource.field(
        types.expiry, 'When it ends by itself: a time, or how long it lasts, '
                      'such as 12h or 2d; without it somebody must end it.',
        mandatory=False)
    reason = resource.field(types.text(255), 'Why.', mandatory=False)


@expose.expose(resources.Pause, route='GET /v1/schedule/pause',
               rule='baas:schedule:show', since='1.1')
def show():
    """Say whether all schedules are paused."""
    return shown(pauses.last())


@expose.expose(resources.Pause, body=NewPause,
               route='PUT /v1/schedule/pause', rule='baas:schedule:pause',
               since='1.1')
def begin(pause):
    """Pause all schedules, or say anew how."""
    context = pecan.request.environ['baas.context']
    until = pause.get('until')
    return shown(pauses.begin(
        until=until and expiry.until(until, 'until'),
        reason=pause.get('reason'), user_id=context.user_id))


@expose.expose(None, route='DELETE /v1/schedule/pause', status_code=204,
               rule='baas:schedule:pause', since='1.1')
def end():
    """End the pause of all schedules; runs that it has skipped stay so."""
    pauses.end()


def shown(pause):
    """Show a pause.

    :param pause: :class:`baas.db.schedule.pauses.Pause`.
    :returns: dict, ready for JSON.
    """
    configured, is_on = cfg.CONF.schedules.paused, pause.is_on
    return {'paused': configured or is_on, 'by_configuration': configured,
            'paused_at': resource.iso(pause.paused_at) if is_on else None,
            'until': resource.iso(pause.until) if is_on else None,
            'reason': pause.reason if is_on else None,
            'user_id': pause.user_id if is_on else None}
