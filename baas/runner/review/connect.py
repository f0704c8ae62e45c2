# SPDX-License-Identifier: Apache-2.0
"""Logs in to nodes as a job does, and changes nothing there."""
import pathlib
import re
import tempfile

import ansible_runner

from baas.node.system import clock
from baas.node.system import host_id
from baas.runner import leftovers
from baas.runner import playbook
from baas.runner import progress
from baas.runner import settings
from baas.runner.review import finding

_MARK = 'baas-machine='
_SUDO = 'baas-no-root'
_ASK = (
    "printf '" + _MARK + "%s/%s\\n' \"$(cat /etc/machine-id)\" "
    '"$(cat /proc/sys/kernel/random/boot_id)"; '
    'test "$(id -u)" = 0 || sudo -n true || { echo ' + _SUDO + '; exit 1; }')
_NOT_REACHED = 'The node cannot be reached over SSH: '
LIMIT = 120


def findings(reached, conf, limit=LIMIT):
    """Log in to nodes and become root there, with the options of ssh that
    jobs have.

    :param reached: list of :class:`baas.runner.review.reach.Reach`; those
        with a problem are left out.
    :param limit: seconds after which who has not answered does not; for as
        many nodes as Ansible works on at once.
    :returns: list of :class:`baas.runner.review.finding.Finding`.
    """
    asked = {one.node.name: one for one in reached if not one.node.problem}
    if not asked:
        return []
    seen, said = _asked(list(asked), conf, limit)
    found, machines = [], {}
    for name, one in sorted(asked.items()):
        if name in said:
            found += _of_machine(one, said[name], machines, conf)
        if name in seen.failures:
            found.append(_failure(name, seen.failures[name], said.get(name)))
        elif name not in said:
            found.append(finding.Finding(
                f'{name} did not answer in time',
                'Look whether it is up, and whether its login takes long'))
    return found


def _asked(names, conf, limit):
    seen, said = progress.Progress(), {}

    def handle(event):
        data = event.get('event_data', {})
        out = (data.get('res') or {}).get('stdout') or ''
        for line in str(out).splitlines():
            if line.startswith(_MARK):
                said[data['host']] = (line[len(_MARK):].strip(), _SUDO in out)
        seen.see(event)
        return False

    forks = conf.runner.forks
    with tempfile.TemporaryDirectory(prefix='baas-inventory-') as folder:
        ansible_runner.run(
            private_data_dir=folder, module='ansible.builtin.raw',
            module_args=_ASK, host_pattern=','.join(names),
            inventory=[str(conf.runner.inventory)],
            extravars=_alone(settings.variables(conf)),
            envvars={'PATH': playbook.tethered(pathlib.Path(folder),
                                               'ansible'),
                     **_alone(settings.environment(
                         playbook.folder(conf), conf)),
                     'ANSIBLE_SSH_CONTROL_PATH_DIR': folder,
                     'ANSIBLE_LOCAL_TEMP': f'{folder}/tmp',
                     'ANSIBLE_SSH_RETRIES': '0'},
            timeout=limit * -(-len(names) // forks), quiet=True, forks=forks,
            settings={'pexpect_timeout': 1, 'idle_timeout': None},
            event_handler=handle, status_handler=settings.forget_environment)
        leftovers.end(folder)
    return seen, said


def _alone(values):
    """Have no connection stay open: who runs this may be another user than
    that of the service, and would have made its folder of sockets."""
    return {name: re.sub(r'(ControlMaster|ControlPersist)=\w+', r'\1=no',
                         value) if isinstance(value, str) else value
            for name, value in values.items()}


def _of_machine(one, said, machines, conf):
    """See which machine has answered."""
    machine, node = said[0], one.node
    other = machines.setdefault(machine, node.name)
    if other != node.name:
        yield finding.Finding(f'{other} and {node.name} are one machine',
                              'Correct their addresses in the inventory')
    mine = f'{host_id.machine_id()}/{clock.boot_id()}'
    own = node.target in conf.targets.own_machine
    if machine == mine and not own:
        yield finding.Finding(
            f'The machine that the service itself runs on answers as '
            f'{node.name}',
            f'Correct the address of {node.name}; only if the service does '
            f'run on it, set [targets] own_machine = {node.target}')
    if machine != mine and one.is_own and own:
        yield finding.Finding(
            f'{node.name} is this machine by the inventory, and another one '
            'answers as it', f'Correct the address of {node.name}')


def _failure(name, failure, said):
    if said and said[1]:
        return finding.Finding(
            f'{name} lets the service in, and its user cannot become root '
            'without a password',
            'Let the user become root with sudo and no password')
    return finding.Finding(
        f'{name} cannot be logged in to: '
        + failure['cause'].removeprefix(_NOT_REACHED).rstrip('.'),
        (failure['hint'] or 'Look what its shell says at a login').rstrip('.'))
