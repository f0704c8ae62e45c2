"""The cluster seen from outside: is all of it well, and the database account of the lab."""

import concurrent.futures
import json
import os
import re
import subprocess

from container_lab import keys, machine, places, shapes
from container_lab.running import LabError

# One login a node answers all questions.
_QUESTIONS = f'''
echo @galera
timeout {5 * places.SLOWNESS} mariadb -NBe "SHOW STATUS WHERE Variable_name IN
 ('wsrep_cluster_size','wsrep_local_state_comment','wsrep_cluster_status')"; echo @pacemaker
timeout {10 * places.SLOWNESS} crm_mon -1 --output-as=xml; echo @rows
timeout {5 * places.SLOWNESS} mariadb -NBe 'SELECT COUNT(*) FROM labdb.ledger'; echo @vip
ip -brief address show host0
'''


def ssh(node, script, seconds=30):
    """Run a shell script as root on a machine; return what it printed, or None if it cannot be reached."""
    try:
        done = subprocess.run([*keys.command(node), 'sudo sh'], input=script, text=True,
                              timeout=seconds * places.SLOWNESS,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None
    return None if done.returncode == 255 else done.stdout


def answers(node):
    """Tell whether a machine can be logged in to."""
    return ssh(node, 'echo in', 10) == 'in\n'


def on_all(nodes, call):
    """Call something with each node at once; return the answers by name."""
    nodes = list(nodes)
    with concurrent.futures.ThreadPoolExecutor(len(nodes)) as pool:
        return dict(zip((node.name for node in nodes), pool.map(call, nodes)))


def health(rabbit=True):
    """Return the state of all that makes the lab well, as plain data."""
    names = places.NODES.values()
    report = {'machines': {node.name: machine.state(node) for node in names}}
    report['ssh'] = on_all(names, lambda node: report['machines'][node.name] == 'disk' and answers(node))
    shape = shapes.current()
    report |= shape.members([node for node in places.CONTROLLERS if report['ssh'][node.name]], rabbit)
    report['complaints'] = [
        *(f'{name} is {state}' for name, state in report['machines'].items() if state != 'disk'),
        *(f'{name} does not answer SSH' for name, well in report['ssh'].items() if not well),
        *shape.complaints(report)]
    report['well'] = not report['complaints']
    return report


def members(controllers, rabbit=True):
    """Return the state of the cluster as those of its members that can be reached say it."""
    said = on_all(controllers, lambda node: parts(ssh(node, _QUESTIONS))) if controllers else {}
    return {
        'galera': {node.name: galera(said.get(node.name, {})) for node in places.CONTROLLERS},
        'pacemaker': {node.name: _pacemaker(said.get(node.name, {})) for node in places.CONTROLLERS},
        'ledger': {node.name: said.get(node.name, {}).get('rows', '') for node in places.CONTROLLERS},
        'vip': [name for name, parts in said.items() if f'{places.VIP}/' in parts.get('vip', '')],
        'rabbitmq': _rabbit(controllers) if rabbit else None,
    }


def write_options(secrets, host=places.VIP):
    """Write the options file of the database account, which is used at an address."""
    with open(os.open(places.DATABASE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as handle:
        handle.write(f'[client]\nuser=lab\npassword={secrets["password"]}\nhost={host}\ndatabase=labdb\n')


def create_account():
    """Make the database account of the lab, known through the file lab-db.cnf."""
    password = re.search('password=(.*)', places.DATABASE.read_text()).group(1)
    where = f'{places.NETWORK}.%'
    statements = (f"CREATE OR REPLACE USER 'lab'@'{where}' IDENTIFIED BY '{password}';"
                  f"GRANT ALL ON *.* TO 'lab'@'{where}' WITH GRANT OPTION;")
    if ssh(places.CONTROLLERS[0], f'mariadb -e "{statements}" && echo made') != 'made\n':
        raise LabError('the database account of the lab could not be made', 'see `tools/lab status`')


def clear_failures(report):
    """Have Pacemaker forget failures, as an operator does; tell whether there were any.

    :param report: what health() has found.
    """
    failed = [node for node in places.CONTROLLERS if report['pacemaker'][node.name]['failures']]
    return bool(failed) and ssh(failed[0], 'crm_resource --cleanup', 60) is not None


def parts(text):
    """Split what questions have printed at the lines that begin with @ (dict of str)."""
    if text is None:
        return {}
    found, name = {}, 'system'
    for line in text.splitlines():
        if line.startswith('@'):
            name = line[1:]
        else:
            found[name] = f'{found.get(name, "")}{line}\n'
    return {key: value.strip() for key, value in found.items()}


def galera(said):
    """Return how a member of Galera is that has answered."""
    rows = dict(line.split('\t', 1) for line in said.get('galera', '').splitlines() if '\t' in line)
    return {'size': int(rows.get('wsrep_cluster_size', 0)), 'state': rows.get('wsrep_local_state_comment', 'down')}


def _pacemaker(parts):
    text = parts.get('pacemaker', '')
    online = re.findall(r'<node name="([^"]+)" [^>]*online="true" standby="false"', text)
    return {'online': sorted(online), 'quorum': 'with_quorum="true"' in text,
            'promoted': len(re.findall(r'<resource id="galera"[^>]*role="(?:Promoted|Master)"', text)),
            'failures': re.findall(r'<failure [^>]*op_key="([^"]+)"', text)}


def _rabbit(controllers):
    for node in controllers:
        said = ssh(node, 'timeout 20 rabbitmqctl -q cluster_status --formatter json', 40)
        try:
            status = json.loads(said or '')
        except ValueError:
            continue
        if isinstance(status, dict) and 'running_nodes' in status:
            return sorted(name.split('@')[1] for name in status['running_nodes'])
    return []


def complaints(report):
    """Say what is wrong with a cluster of which all is known."""
    found = servers(report)
    for name, pacemaker in report['pacemaker'].items():
        if len(pacemaker['online']) != 3 or not pacemaker['quorum'] or pacemaker['promoted'] != 3:
            found.append(f'Pacemaker on {name}: {len(pacemaker["online"])} online, {pacemaker["promoted"]} promoted, '
                         f'{"quorum" if pacemaker["quorum"] else "no quorum"}')
    return found


def servers(report):
    """Say what is wrong with the database, the broker and the virtual address."""
    found = []
    for name, galera in report['galera'].items():
        if galera != {'size': 3, 'state': 'Synced'}:
            found.append(f'Galera on {name}: {galera["state"]}, size {galera["size"]}')
    if len(report['vip']) != 1:
        found.append(f'the VIP is on {" and ".join(report["vip"]) or "no node"}')
    if report['rabbitmq'] is not None and len(report['rabbitmq']) != 3:
        found.append(f'RabbitMQ runs on {" ".join(report["rabbitmq"]) or "no node"}')
    found += [f'labdb on {name} has {rows or "no"} rows' for name, rows in report['ledger'].items()
              if not rows.isdigit() or int(rows) < 1]
    return found
