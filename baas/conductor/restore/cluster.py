# SPDX-License-Identifier: Apache-2.0
"""The cluster that a restored node comes back to."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Cluster:
    """What the other members of a cluster say of it.

    :ivar checks: mapping of each member that answered to the result of its
        verb ``check``.
    """
    checks: dict

    def fencing_suppressor(self):
        """Name the member that keeps the cluster from fencing; None: there
        is none that could."""
        return next((member for member, check in sorted(self.checks.items())
                     if check.get('pacemaker')), None)

    def is_alive(self):
        """Tell whether it waits for the node, which takes from it the state
        that its backup has an older copy of."""
        return any(check.get('galera') or check.get('rabbitmq')
                   for check in self.checks.values())

    def databases(self):
        """Name the clusters of OVN's databases that wait for the node:
        {name of the database: {'cluster_id', 'servers'}}, by who knows a
        leader. One without is not joined but made whole by the node, as it
        was."""
        return {name: {key: one[key] for key in ('cluster_id', 'servers')}
                for _, check in sorted(self.checks.items())
                for name, one in sorted((check.get('ovn') or {}).items())
                if one['leader']}

    def expected(self, hostnames, brokers=0):
        """Tell what it looks like with nodes back in it.

        :param hostnames: their short host names.
        :param brokers: how many of them had a broker when their backups
            began.
        :returns: options of the verb ``wait_healthy`` (dict).
        """
        galera = [member for member, check in self.checks.items()
                  if check.get('galera')]
        online = {name for check in self.checks.values()
                  if check.get('pacemaker')
                  for name in check['pacemaker']['online']}
        expected = {}
        if galera:
            expected['galera_size'] = len(galera) + len(hostnames)
        if online:
            expected['online'] = sorted(online.union(hostnames))
        running = {name for check in self.checks.values()
                   for name in (check.get('rabbitmq') or {}).get('running', ())
                   if _host(name) not in hostnames}
        if running and brokers:
            expected['rabbitmq'] = len(running) + brokers
        return expected


def _host(broker):
    """Give the short host name of a broker."""
    return broker.rpartition('@')[2].partition('.')[0]
