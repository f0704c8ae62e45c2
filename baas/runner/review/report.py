# SPDX-License-Identifier: Apache-2.0
"""Reads the inventory once, and says all that is to be said of it."""
import dataclasses

from baas.conf import targets as targets_conf
from baas.runner import hosts
from baas.runner import inventory
from baas.runner import listing
from baas.runner.review import nodes as of_nodes
from baas.runner.review import noticed
from baas.runner.review import reach as reaching
from baas.runner.review import targets as of_targets
from baas.runner.review import written


@dataclasses.dataclass(frozen=True)
class Report:
    """What was understood of an inventory.

    :ivar reached: a :class:`baas.runner.review.reach.Reach` for each node
        (list), by target and name.
    :ivar findings: list of :class:`baas.runner.review.finding.Finding`.
    """
    reached: list
    findings: list

    @property
    def is_usable(self):
        """Whether nothing is wrong and there is a node (bool)."""
        return bool(self.reached) and not any(
            one.is_wrong for one in self.findings)

    def beside(self, findings):
        """Give a report that has further findings."""
        return dataclasses.replace(
            self, findings=self.findings + list(findings))


def read(conf, targets=targets_conf.TARGETS):
    """Read the inventory, and look at the nodes of targets in it.

    :param targets: which are looked at.
    :returns: :class:`Report`.
    :raises baas.runner.listing.InventoryError: it cannot be read.
    """
    path = str(conf.runner.inventory)
    listed, said = listing.told(path, conf)
    found = inventory.understood(listed, conf)
    reached = _reached(path, listed, [
        node for node in found
        if any(map(node.is_of, targets))], conf)
    findings = noticed.findings(said) + written.findings(path)
    for target in targets:
        findings += of_targets.findings(
            target, listed, [node for node in found if node.is_of(target)],
            conf)
    for one in reached:
        findings += of_nodes.findings(one, conf)
    findings += of_targets.together(reached, conf)
    # What is wrong with both of two is said once.
    return Report(reached, list(dict.fromkeys(findings)))


def _reached(path, listed, nodes, conf):
    hostvars = listed.get('_meta', {}).get('hostvars', {})
    written_ = {node.name: hostvars.get(node.name) or {} for node in nodes}
    used = (*reaching.USED, 'ansible_connection', 'physical_host')
    awaited = {name: names for name, variables in written_.items()
               if (names := hosts.templates(variables, used))}
    values = listing.resolved(path, awaited, conf) if awaited else {}
    found = []
    for node in nodes:
        variables = dict(written_[node.name])
        # None where Ansible cannot tell.
        known = values.get(node.name) or {}
        asked = awaited.get(node.name, ())
        variables.update({name: known.get(name) for name in asked})
        found.append(reaching.of(
            _with_problem(node, [name for name in asked
                                 if variables[name] is None]), variables))
    return found


def _with_problem(node, names):
    """Have a node with variables that nobody knows refused: the values may
    hold a password, and are not said."""
    if node.problem or not names:
        return node
    return dataclasses.replace(node, problem=(
        f'{", ".join(dict.fromkeys(names))} of {node.name} is a template, or '
        'encrypted, and Ansible cannot tell its value',
        f'Define what it refers to for {node.name}, let the service have the '
        'password of Ansible Vault (ANSIBLE_VAULT_PASSWORD_FILE), or write '
        'the value itself'))
