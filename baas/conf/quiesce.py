# SPDX-License-Identifier: Apache-2.0
"""What is quiesced for a backup, and for how long at most."""
from oslo_config import cfg
from oslo_config import types

from baas import duration


class _Duration(types.ConfigType):
    """Seconds, or text such as 30s or 2m; a float."""

    def __init__(self):
        super().__init__(type_name='duration')

    def __call__(self, value):
        return duration.seconds(value)

    def __eq__(self, other):
        return isinstance(other, _Duration)

    def _formatter(self, value):
        return f'{value:g}'


GROUP = 'quiesce'
# RabbitMQ takes longest to start: beside Pacemaker it costs no time of its
# own. Containers of Pacemaker are called after its resources and the number of
# the replica; databases among them are locked, and not frozen.
UNITS = [
    'haproxy.service',
    'tripleo_*.service kolla-*.service',
    'podman:*-podman-[0-9]*',
    'rabbitmq-server.service mariadb.service mysqld.service '
    'pacemaker.service',
    'corosync.service',
]
"""What is quiesced unless the operator says otherwise."""
_MODES = [
    ('stop', 'services are shut down in good order and started again'),
    ('freeze', 'services are held still and the database is locked'),
]
OPTS = [
    cfg.ListOpt('units', default=UNITS,
                help='What is quiesced when stopall=yes, in this order; it is '
                     'resumed in the reverse one. Each item is one unit of '
                     'systemd, one glob, or several separated by blanks that '
                     'are quiesced together; "podman:" and a name or glob '
                     'means containers. What a node does not have is no '
                     'error; a name that no node has is refused.'),
    cfg.StrOpt('mode', default='stop', choices=_MODES,
               help='How services are quiesced. Freezing makes the outage a '
                    'few seconds; change it after a check has told that every '
                    'node can.'),
    cfg.IntOpt('freeze_deadman_timeout', default=20, min=5,
               help='Seconds after which a node that is frozen goes on by '
                    'itself when the conductor has not told it to. Keep it '
                    'below the time after which clients and peers give up.'),
    cfg.IntOpt('deadman_timeout', default=300, min=30,
               help='Seconds after which a node whose services were stopped '
                    'resumes by itself when the conductor has not told it '
                    'to.'),
    cfg.Opt('max_outage', type=_Duration(), default=0,
            help='Longest outage that a backup may cost, in seconds or as 30s '
                 'or 2m, unless its request says otherwise; 0: no limit. A '
                 'backup that is expected to cost more is refused before '
                 'anything is quiesced, and one that takes longer resumes and '
                 'fails.'),
    cfg.IntOpt('health_timeout', default=300, min=10,
               help='Seconds that services and cluster get to be as they '
                    'were before, after they were started again.'),
    cfg.IntOpt('heartbeat_timeout', default=10, min=3,
               help='Seconds without a word of the conductor after which a '
                    'node that is quiesced resumes by itself, and the barrier '
                    'is broken off. Raise it when the network to the nodes is '
                    'known to pause for longer.'),
    cfg.ListOpt('probes', default=[],
                item_type=types.String(regex=r'^\S+:[0-9]{1,5}$'),
                help='Services, as host:port, that are asked every 50 ms '
                     'during the barrier, to measure for how long clients '
                     'had no answer. Name what clients use: the virtual '
                     'address and a port of the API. A database server '
                     'cannot be asked: it blocks who connects without a '
                     'login.'),
]
