# SPDX-License-Identifier: Apache-2.0
"""What the service itself needs, and where it is: on a node that is quiesced,
it is quiesced with the others."""
import ipaddress
import socket
from urllib import parse

from oslo_config import cfg
from oslo_log import log
import oslo_messaging
import sqlalchemy as sa

from baas.node import errors
from baas.node.system import nics

LOG = log.getLogger(__name__)


def addresses(conf=cfg.CONF):
    """Give the addresses of what this service cannot do without.

    :returns: {'database': [addresses], ...}; what is in this process, or a
        file, is left out, and so is what has no address.
    """
    found = {name: _addresses(host)
             for name, host in _hosts(conf) if host}
    return {name: where for name, where in found.items() if where}


def warnings(found):
    """Say which nodes carry what this service needs.

    :param found: {node: what its check has found}.
    :returns: list of (level, node, sentence) for the log of the job.
    """
    return [('warning', node, 'The node hosts what this service needs '
             f'({", ".join(result["carries"])}): it may not answer while '
             'services are quiesced.')
            for node, result in sorted(found.items())
            if result.get('carries')]


def _hosts(conf):
    if conf.database.connection:
        yield 'database', sa.engine.make_url(conf.database.connection).host
    for bus in oslo_messaging.TransportURL.parse(conf).hosts[:1]:
        yield 'message bus', bus.hostname
    if conf.api.auth_strategy == 'keystone':
        yield 'Identity service', parse.urlsplit(
            _option(conf, 'keystone_authtoken', 'auth_url') or '').hostname


def _option(conf, group, name):
    # Registered by keystonemiddleware, and only where the API runs.
    try:
        return conf[group][name]
    except cfg.NoSuchOptError:
        return None


def _addresses(host):
    """Give the addresses of a host; of this one those that others see."""
    try:
        rows = socket.getaddrinfo(host, None)
        found = {row[4][0].partition('%')[0] for row in rows}
        if any(ipaddress.ip_address(one).is_loopback for one in found):
            found |= nics.own_addresses()
    except (OSError, errors.NodeError) as error:
        LOG.warning('Nobody can tell on which node %(host)s is, which this '
                    'service needs: %(error)s', {'host': host,
                                                 'error': error})
        return []
    return sorted(one for one in found
                  if not ipaddress.ip_address(one).is_loopback
                  and not ipaddress.ip_address(one).is_link_local)
