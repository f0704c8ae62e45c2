"""The cluster of containers seen from outside: is all of it well, and the database account of the lab."""

import json

from container_lab import cluster, places
from container_lab.containers import api, passwords, report as reports
from container_lab.kolla import services, settings
from container_lab.running import LabError

_SQL = f'exec mariadb env MYSQL_PWD={passwords.ROOT} mariadb -u root -N -B -e'
_QUESTIONS = '''
engine={engine}; echo @galera
timeout 8 $engine ''' + _SQL + ''' "SHOW STATUS WHERE Variable_name IN
 ('wsrep_cluster_size','wsrep_local_state_comment','wsrep_cluster_status')"; echo @rows
timeout 8 $engine ''' + _SQL + ''' 'SELECT COUNT(*) FROM labdb.ledger'; echo @vip
ip -brief address show host0; echo @units
systemctl list-units --all --plain --no-legend 'kolla-*.service' | awk '{{print $1, $3, $4}}'; echo @containers
$engine ps --all --format '{{{{.Names}}}} {{{{.Status}}}}' | sed 's/ Up .*/ running/'; echo @ovn
ask() {{
 timeout 8 $engine exec ovn_$1_db ovs-appctl -t /run/ovn/ovn$1_db.ctl cluster/status $2 |
  awk -v name=$2 '/^Role:/ {{role = $2}} /^Servers:/ {{counts = 1; next}} counts {{peers++}}
                  END {{print name, role, peers}}'
}}
ask nb OVN_Northbound; ask sb OVN_Southbound
'''


def members(controllers, rabbit=True):
    """Return the state of the cluster as those of its members that can be reached say it."""
    said = cluster.on_all(controllers, lambda node: cluster.parts(cluster.ssh(
        node, _QUESTIONS.format(engine=settings.engine(node))))) if controllers else {}
    found = {'galera': {}, 'pacemaker': {}, 'ledger': {}, 'units': {}, 'containers': {}, 'ovn': {}}
    for node in places.CONTROLLERS:
        parts = said.get(node.name, {})
        found['galera'][node.name] = cluster.galera(parts)
        found['pacemaker'][node.name] = {'failures': []}
        found['ovn'][node.name] = {words[0]: words[1:] for words in map(str.split, parts.get('ovn', '').splitlines())}
        found['ledger'][node.name] = parts.get('rows', '')
        found['units'][node.name] = reports.pairs(parts.get('units', ''))
        found['containers'][node.name] = reports.pairs(parts.get('containers', ''))
    found['vip'] = [name for name, parts in said.items() if f'{places.VIP}/' in parts.get('vip', '')]
    found['internal'] = [name for name, parts in said.items() if f'{settings.INTERNAL}/' in parts.get('vip', '')]
    found['keystone'] = api.wrong() if controllers else 'nobody is there'
    found['rabbitmq'] = _rabbit(controllers) if rabbit else None
    return found


def _rabbit(controllers):
    for node in controllers:
        said = cluster.ssh(node, f'{settings.engine(node)} exec rabbitmq timeout 20 '
                                 'rabbitmqctl -q cluster_status --formatter json', 40)
        try:
            return sorted(name.split('@')[1] for name in json.loads(said or '')['running_nodes'])
        except (ValueError, KeyError, TypeError):
            continue
    return []


def complaints(report):
    """Say what is wrong with a cluster of which all is known."""
    found = cluster.servers(report)
    if len(report['internal']) != 1:
        found.append(f'the internal VIP is on {" and ".join(report["internal"]) or "no node"}')
    if report['keystone']:
        found.append(f'Keystone gives no token: {report["keystone"]}')
    found += reports.ovn(report)
    for node in places.CONTROLLERS:
        states, containers = report['units'][node.name], report['containers'][node.name]
        for one in services.of_controller(node):
            state, unit = containers.get(one.name, 'missing'), states.get(one.unit, 'missing')
            if one.owner == 'unit' and (state, unit) != ('running', 'active'):
                found.append(f'{one.name} on {node.name} is {state}, its unit {unit}')
            elif one.owner == 'once' and state != 'exited':
                found.append(f'{one.name} on {node.name} is {state}')
        side = services.side(node)
        if containers.get(side) != 'running':
            found.append(f'{side} on {node.name} is {containers.get(side, "missing")}')
    return found


def row(report, node):
    """Return the words of one controller for `status`."""
    galera, containers = report['galera'][node.name], report['containers'][node.name]
    running = sum(state == 'running' for state in containers.values())
    return [f'galera {galera["state"]}/{galera["size"]}', settings.engine(node),
            f'ledger {report["ledger"][node.name] or "-"}', f'{running} of {len(containers)} containers run',
            'VIPs' if node.name in report['vip'] else '']


def rows(report):
    """Return the lines of `status` that are of no one machine."""
    return [f'rabbitmq      {" ".join(report["rabbitmq"] or ["down"])}',
            f'keystone      {report["keystone"] or "gives tokens"}',
            f'ovn           {"  ".join(reports.leaders(report))}']


def create_account(secrets):
    """Make the database account of the lab, known through the file lab-db.cnf."""
    first, where = places.CONTROLLERS[0], f'{places.NETWORK}.%'
    statements = (f"CREATE OR REPLACE USER 'lab'@'{where}' IDENTIFIED BY '{secrets['password']}';"
                  f"GRANT ALL ON *.* TO 'lab'@'{where}' WITH GRANT OPTION;")
    if cluster.ssh(first, f'{settings.engine(first)} {_SQL} "{statements}" && echo made') != 'made\n':
        raise LabError('the database account of the lab could not be made', 'see `tools/lab status`')
    cluster.write_options(secrets, settings.INTERNAL)
