# SPDX-License-Identifier: Apache-2.0
"""A broker that waits for peers which were away when it started."""
import fnmatch

from baas.node.cluster import membership
from baas.node import errors
from baas.node.system import command

UNITS = ('rabbitmq*.service', 'tripleo_rabbitmq*.service',
         'kolla-rabbitmq*.service')
"""Units that run RabbitMQ."""
AGAIN = 20
"""Seconds that a broker may start before its peers are looked for."""
# RabbitMQ looks for the other copies of its tables once, when it starts, and
# then waits for them ten times half a minute (mnesia_table_loading_retry_*
# of rabbit.schema). This makes it look again, and forces nothing: tables are
# loaded from whoever has the newest.
_LOOK = ('mnesia:change_config(extra_db_nodes, '
         'mnesia:system_info(db_nodes) -- [node()]).')


def is_one(unit):
    """Tell whether a unit runs RabbitMQ."""
    return any(fnmatch.fnmatchcase(unit, glob) for glob in UNITS)


def find_peers():
    """Have the broker of this node look for its peers again; harmless where
    there is none, and while it cannot be asked."""
    try:
        words = membership.rabbitmqctl()
    except errors.Unknown:
        return
    if words:
        command.attempt(words + ['-q', 'eval', _LOOK], 20)
