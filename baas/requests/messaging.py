# SPDX-License-Identifier: Apache-2.0
"""The one message: a job waits. It may be lost or come twice."""
import functools

from oslo_config import cfg
from oslo_log import log
import oslo_messaging

from baas import errors

LOG = log.getLogger(__name__)
TOPIC = 'baas-conductor'
VERSION = '1.0'


def target(server=None):
    """Give the messaging target of the conductors."""
    return oslo_messaging.Target(topic=TOPIC, version=VERSION, server=server)


_near = []


def deliver_to(take):
    """Deliver to a conductor in this process, with no bus between.

    :param take: called with the id of each job; None for the bus again.
    """
    _near[:] = [take] if take else []


def run(job_id):
    """Tell the conductors that a job is queued.

    A broker that is away is no error: conductors look for queued jobs by
    themselves, every ``[conductor] sweep_interval`` seconds.
    """
    if _near:
        return _near[0](job_id)
    try:
        _client().prepare().cast({}, 'run', job_id=job_id)
    except Exception as error:
        # At its first connection oslo.messaging lets the errors of its
        # driver through. The job is written; nothing here may lose it.
        LOG.warning('Job %s waits for the next sweep, for the message bus '
                    'does not answer: %s', job_id, error)


def demand_url(conf=cfg.CONF):
    """Make sure that transport_url is one that can be used here. The broker
    is not asked, and no part of the URL is repeated.

    :raises ConfigurationError: it is not.
    """
    try:
        oslo_messaging.get_rpc_transport(conf)
    except (oslo_messaging.MessagingException, ValueError):
        raise errors.ConfigurationError(
            reason='[DEFAULT] transport_url is no URL of a message bus that '
                   'can be used here',
            remedy='Write it like rabbit://USER:PASSWORD@HOST:5672/')


@functools.cache
def _client():
    transport = oslo_messaging.get_rpc_transport(cfg.CONF)
    return oslo_messaging.get_rpc_client(transport, target(), retry=1)
