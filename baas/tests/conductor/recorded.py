# SPDX-License-Identifier: Apache-2.0
"""Runs steps without Ansible: a second :func:`baas.runner.playbook.run`.

Nodes do what the scenario says, in this process, and the events are those
that real Ansible was recorded to give for the playbook of the scenarios.
``test_contract`` holds both to the same.
"""
import copy
import json
import pathlib
import time

from oslo_config import cfg

from baas.jobs import variables
from baas.runner import inventory
from baas.runner import playbook
from baas.runner import progress
from baas.tests.conductor.playbooks import act

EVENTS = json.loads(pathlib.Path(__file__).with_name('recorded.json')
                    .read_text())
_OFTEN = 0.02  # seconds from one question to the next whether to stop


class _Ended(Exception):
    """Somebody wants the run to end; its argument is the status."""


def run(kind, step, told, *, work, minutes, on_change, stop,
        conf=cfg.CONF):
    """See :func:`baas.runner.playbook.run`."""
    seen = progress.Progress()
    place = playbook.folder(conf)
    # It is an error of the test when there is none.
    (place / 'steps' / kind / f'{step}.yaml').stat()
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    (work / 'env').mkdir(exist_ok=True)
    (work / 'env' / 'extravars').write_text(json.dumps(told))
    until = time.monotonic() + minutes * 60

    def tell(name, host=None, said=None):
        try:
            if seen.see(_event(name, host, said)):
                on_change(seen)
        except Exception:
            playbook.LOG.exception('Progress could not be written')

    def pause(seconds):
        end = time.monotonic() + seconds
        while not stop():
            if time.monotonic() >= end:
                return
            if time.monotonic() > until:
                raise _Ended('timeout')
            time.sleep(_OFTEN)
        raise _Ended('canceled')

    try:
        _play(place, step, told, conf, tell, pause)
        seen.status = 'failed' if seen.failures else 'successful'
    except _Ended as error:
        seen.status = str(error)
    return seen


def _play(place, step, told, conf, tell, pause):
    asked = told['baas_nodes'].split(',')
    hosts = asked + [
        name for word in ('baas_peers', 'baas_other_members')
        for name in told.get(word, variables.NOBODY).split(',')]
    hosts = [node.name for node in inventory.nodes(conf=conf)
             if node.name in hosts]
    if not hosts:
        return
    tell('playbook_on_task_start')
    for host in hosts:
        tell('runner_on_start', host)
    plan = json.loads((place / 'scenario.json').read_text()).get(step, {})
    for host in hosts:
        if 'unreachable' in plan.get(host, {}):
            tell('runner_on_unreachable', host, plan[host]['unreachable'])
            continue
        said = act.act(place, told['baas_epoch'],
                       told['baas_folder'], step, host, host in asked,
                       pause)
        failed = said is not None and said['state'] == 'error'
        tell('runner_on_failed' if failed else 'runner_on_ok', host, said)


def _event(name, host, said):
    event = copy.deepcopy(EVENTS[name])
    if host is not None:
        event['event_data']['host'] = host
    if name == 'runner_on_unreachable':
        res = event['event_data']['res']
        res['msg'] = f'{res["msg"].partition(" ssh: ")[0]} {said}'
    elif 'res' in event['event_data']:
        event['event_data']['res']['stdout'] = (
            '' if said is None else json.dumps({'baas': said}))
    return event
