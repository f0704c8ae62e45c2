# SPDX-License-Identifier: Apache-2.0
"""How long what is quiesced is out, kept in the journal."""
import time

from baas.node.system import clock

_UNNOTICED = ('.timer', '.path')


def lasted(data, title, when):
    """Tell how long a thing was out that is back.

    :param data: the journal (dict).
    :param when: boot time at which it was back.
    :returns: seconds, or None when clients do not notice such a thing.
    """
    one = data.get('outages', {}).get(title)
    return round(_since(data, one['at'], when), 3) if one else None


def _since(data, start, when):
    if data['first_stop_boot'] == clock.boot_id():
        return when - start
    # The clock began anew meanwhile: only the time of day is left.
    return (time.time() - data['first_stop_time']
            - (start - data['first_stop']))


def services(data):
    """Tell how long each thing was out, or has been until now.

    :returns: {title: seconds}.
    """
    now = clock.boottime()
    return {title: round(_since(data, one['at'], now), 3)
            if one['for'] is None else one['for']
            for title, one in data.get('outages', {}).items()}


def total(data):
    """Tell how long it was from the first that was quiesced to the last one
    back. Timers and paths begin what no client waits for: they do not count.

    :returns: seconds; 0.0 when nothing was quiesced.
    """
    if not data.get('first_stop'):
        return 0.0
    if data.get('outage') is None:
        lasted = [one['at'] - data['first_stop'] + services(data)[title]
                  for title, one in data.get('outages', {}).items()
                  if not title.endswith(_UNNOTICED)]
        return round(max(lasted or [0.0]), 3)
    return data['outage']
