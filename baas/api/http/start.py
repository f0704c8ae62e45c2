# SPDX-License-Identifier: Apache-2.0
"""What whoever serves the API does first, with a server of its own or in that
of somebody else."""
from oslo_config import cfg

from baas.conf import check
from baas.db import migration
from baas.db import session
from baas.requests import messaging


def load(argv, conf=cfg.CONF):
    """Read the configuration and refuse what cannot work, before anything is
    made; what is made from then on is for the own user alone.

    :param argv: arguments of the command line, without the program's name.
    :returns: the configuration.
    :raises ConfigurationError: something is of no use; it is named.
    """
    check.load(argv, 'baas-api', conf)
    session.configure(conf)
    session.demand_url(conf)
    messaging.demand_url(conf)
    migration.refuse_newer(conf)
    return conf
