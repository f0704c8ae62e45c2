"""The cluster of containers seen from outside: is all of it well, and the database account of the lab."""

import json
import re

from container_lab import cluster, places
from container_lab.running import LabError
from container_lab.containers import api, report as reports
from container_lab.tripleo import odd, ovn, services, settings

_SQL = 'mysql -N -B -e'
_QUESTIONS = '''
name=$(podman ps --format '{{.Names}}' --filter name=galera-bundle)
echo @galera
[ -z "$name" ] || timeout 8 podman exec $name mysql -N -B -e "SHOW STATUS WHERE Variable_name IN
 ('wsrep_cluster_size','wsrep_local_state_comment','wsrep_cluster_status')"; echo @rows
[ -z "$name" ] || timeout 8 podman exec $name mysql -N -B -e 'SELECT COUNT(*) FROM labdb.ledger'; echo @pacemaker
timeout 10 crm_mon -1 --output-as=xml; echo @vip
ip -brief address show host0; echo @units
systemctl list-units --all --plain --no-legend 'tripleo_*.service' | awk '{print $1, $3, $4}'; echo @containers
podman ps --all --format '{{.Names}} {{.State}}' | sed 's/ Up .*/ running/'; echo @ovn
'''


def members(controllers, rabbit=True):
    """Return the state of the cluster as those of its members that can be reached say it."""
    said = cluster.on_all(controllers, lambda node: cluster.parts(
        cluster.ssh(node, _QUESTIONS + ovn.questions()))) if controllers else {}
    found = {'galera': {}, 'pacemaker': {}, 'ledger': {}, 'units': {}, 'containers': {}, 'ovn': {}}
    for node in places.CONTROLLERS:
        parts = said.get(node.name, {})
        found['galera'][node.name] = cluster.galera(parts)
        found['pacemaker'][node.name] = _pacemaker(parts)
        found['ovn'][node.name] = {words[0]: words[1:] for words in map(str.split, parts.get('ovn', '').splitlines())}
        found['ledger'][node.name] = parts.get('rows', '')
        found['units'][node.name] = reports.pairs(parts.get('units', ''))
        found['containers'][node.name] = reports.pairs(parts.get('containers', ''))
    found['vip'] = [name for name, parts in said.items() if f'{places.VIP}/' in parts.get('vip', '')]
    found['internal'] = [name for name, parts in said.items() if f'{settings.INTERNAL}/' in parts.get('vip', '')]
    found['keystone'] = api.wrong() if controllers else 'nobody is there'
    found['rabbitmq'] = _rabbit(controllers) if rabbit else None
    return found


def _pacemaker(parts):
    text = parts.get('pacemaker', '')
    online = re.findall(r'<node name="([^"]+)" [^>]*online="true" standby="false"[^>]* type="member"', text)
    return {'online': sorted(online), 'quorum': 'with_quorum="true"' in text,
            'promoted': len(re.findall(r'<resource id="galera"[^>]*role="(?:Promoted|Master)"', text)),
            'running': {name: len(re.findall(
                rf'<resource id="{name}(?:-podman-\d+)?"[^>]*role="(?:Started|Promoted|Master)"', text))
                for name in services.in_bundles()},
            'failures': re.findall(r'<failure [^>]*op_key="([^"]+)"', text)}


def _rabbit(controllers):
    for node in controllers:
        said = cluster.ssh(node, "podman exec $(podman ps -q --filter name=rabbitmq-bundle) timeout 20 "
                                 'rabbitmqctl -q cluster_status --formatter json', 40)
        try:
            return sorted(name.split('@')[1] for name in json.loads(said or '')['running_nodes'])
        except (ValueError, KeyError, TypeError):
            continue
    return []


def complaints(report):
    """Say what is wrong with a cluster of which all is known."""
    found = cluster.complaints(report)
    if len(report['internal']) != 1:
        found.append(f'the internal VIP is on {" and ".join(report["internal"]) or "no node"}')
    if report['keystone']:
        found.append(f'Keystone gives no token: {report["keystone"]}')
    for name, pacemaker in report['pacemaker'].items():
        found += [f'{bundle} runs {pacemaker["running"][bundle]} of {wanted} times, says {name}'
                  for bundle, wanted in services.in_bundles().items() if pacemaker['running'][bundle] != wanted]
    found += reports.ovn(report)
    for node in places.CONTROLLERS:
        units, containers = report['units'][node.name], report['containers'][node.name]
        for one in services.of_controller(node):
            state, unit = containers.get(one.name, 'missing'), units.get(f'tripleo_{one.name}.service', 'missing')
            if one.owner == 'unit' and (state, unit) != ('running', 'active'):
                found.append(f'{one.name} on {node.name} is {state}, its unit {unit}')
            elif one.owner == 'once' and state != 'exited':
                found.append(f'{one.name} on {node.name} is {state}')
        found += [f'{name} on {node.name} is {containers.get(name, "missing")}' for name in odd.sides(node)
                  if containers.get(name) != 'running']
    return found


def row(report, node):
    """Return the words of one controller for `status`."""
    galera, pacemaker = report['galera'][node.name], report['pacemaker'][node.name]
    containers = report['containers'][node.name]
    running = sum(state == 'running' for state in containers.values())
    return [f'galera {galera["state"]}/{galera["size"]}', f'pacemaker {len(pacemaker["online"])} online',
            f'ledger {report["ledger"][node.name] or "-"}', f'{running} of {len(containers)} containers run',
            'VIPs' if node.name in report['vip'] else '']


def rows(report):
    """Return the lines of `status` that are of no one machine."""
    bundles = next((one['running'] for one in report['pacemaker'].values() if one['online']), {})
    return [f'rabbitmq      {" ".join(report["rabbitmq"] or ["down"])}',
            f'keystone      {report["keystone"] or "gives tokens"}',
            f'ovn           {"  ".join(reports.leaders(report))}',
            f'bundles       {"  ".join(f"{name} {number}" for name, number in bundles.items())}']


def create_account(secrets):
    """Make the database account of the lab, known through the file lab-db.cnf."""
    where = f'{places.NETWORK}.%'
    statements = (f"CREATE OR REPLACE USER 'lab'@'{where}' IDENTIFIED BY '{secrets['password']}';"
                  f"GRANT ALL ON *.* TO 'lab'@'{where}' WITH GRANT OPTION;")
    script = f'podman exec $(podman ps -q --filter name=galera-bundle) {_SQL} "{statements}" && echo made'
    if cluster.ssh(places.CONTROLLERS[0], script) != 'made\n':
        raise LabError('the database account of the lab could not be made', 'see `tools/lab status`')
    cluster.write_options(secrets, settings.INTERNAL)
