# SPDX-License-Identifier: Apache-2.0
"""The limits of a job and of its steps: what its request says goes before
the configuration."""
import difflib
import math

from oslo_config import cfg

from baas import errors
from baas.jobs import plans


def mode(job, conf):
    """Tell how the services of a job are quiesced; None: none does."""
    if not job.options['stopall']:
        return None
    return conf.quiesce.mode


def deadman_timeout(conf):
    """Give the seconds after which a node that is quiesced resumes by
    itself."""
    if conf.quiesce.mode == 'freeze':
        return conf.quiesce.freeze_deadman_timeout
    return conf.quiesce.deadman_timeout


def minutes(kind, step, conf):
    """Give the minutes that a step of a kind of job may take at most.

    :param step: :class:`baas.jobs.plans.Step`.
    """
    return float(conf.runner.time_limits.get(f'{kind}/{step.name}',
                                             step.minutes))


def demand(conf):
    """Make sure that each time limit of the configuration is one of a step.

    :raises baas.errors.ConfigurationError: a step is not there, or its limit
        is no number of minutes.
    """
    steps = {f'{kind}/{step.name}' for kind, plan in plans.PLANS.items()
             for step in plan}
    for name, value in conf.runner.time_limits.items():
        if name not in steps:
            near = difflib.get_close_matches(name, sorted(steps), 1, 0.8)
            near += sorted(one for one in steps - set(near) if not near
                           and one.startswith(name.partition('/')[0] + '/'))
            raise errors.ConfigurationError(
                reason=f'Option time_limits of [runner] names {name}, which '
                       'is no step of any kind of job',
                remedy=f'Write {" or ".join(near)}' if near else
                       'Write kind/step:minutes, e.g. backup/capture:1440')
        if not _is_positive(value):
            raise errors.ConfigurationError(
                reason=f'The time limit of {name} in [runner] time_limits is '
                       f'{value}, which is no number of minutes',
                remedy=f'Write it as {name}:60')


def _is_positive(text):
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def max_outage(job, conf):
    """Give the seconds that an outage may last; None: there is no limit.

    What the request says goes before the configuration.

    :raises baas.errors.ConfigurationError: that of the configuration is no
        duration.
    """
    asked = job.options.get('max_outage')
    return (_option(conf, 'max_outage') if asked is None else asked) or None


def _option(conf, name):
    # Values are read when they are asked for, not when the service starts.
    try:
        return getattr(conf.quiesce, name)
    except cfg.ConfigFileValueError as error:
        raise errors.ConfigurationError(
            reason=f'Option {name} of [quiesce] cannot be used: {error}',
            remedy=f'Correct [quiesce] {name} in the configuration of the '
                   'conductor')
