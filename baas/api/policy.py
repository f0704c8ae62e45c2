# SPDX-License-Identifier: Apache-2.0
"""The rules: who may do what. Admins act, and readers of the operators'
project look.

The role reader says what its user may do inside of a project, and each member
of each project of the cloud has it. The control plane is in no project of
theirs, so the role counts in the one project that the configuration names.
"""
import functools

from oslo_config import cfg
from oslo_policy import opts
from oslo_policy import policy
import pecan

from baas.api import root
from baas.api.strict import rules
from baas import errors

ACT = 'rule:baas:act'
LOOK = 'rule:baas:look'
_OPERATORS = 'operators_project_id'


def list_rules():
    """Give all rules; oslopolicy-sample-generator asks for them.

    Each call names its rule: those that only read are for who may look, and
    all others for who may act.
    """
    return [
        policy.RuleDefault(
            'baas:act', 'role:admin',
            description='Whoever may change something.'),
        policy.RuleDefault(
            'baas:look',
            'role:admin or '
            f'(role:reader and project_id:%({_OPERATORS})s)',
            description='Whoever may see backups, jobs, logs and nodes: '
                        'readers of the project that [api] '
                        f'{_OPERATORS} names, and of no other. Unset: '
                        'administrators alone.'),
        *_of_calls()]


def _of_calls():
    by_rule = {}
    for methods in root.ROUTES.values():
        for function in methods.values():
            by_rule.setdefault(function.call.rule, []).append(function.call)
    by_rule.pop(None)
    return [_rule(name, calls) for name, calls in by_rule.items()]


def _rule(name, calls):
    reads = all(call.method == 'GET' for call in calls)
    return policy.DocumentedRuleDefault(
        name=name, check_str=LOOK if reads else ACT, scope_types=['project'],
        description=' '.join(call.summary for call in calls),
        operations=[{'method': call.method, 'path': call.path}
                    for call in calls])


@functools.cache
def get_enforcer():
    """Give the enforcer, with the rules of the policy file over ours."""
    opts.set_defaults(cfg.CONF)
    enforcer = policy.Enforcer(cfg.CONF)
    enforcer.register_defaults(list_rules())
    return enforcer


def load():
    """Read the policy files, if there are any.

    :raises ConfigurationError: one has a rule that cannot be understood.
    """
    rules.load(get_enforcer(), cfg.CONF)


def check(rule, context=None):
    """Let the request go on only when its caller may.

    :param context: who asks, where pecan does not know it.
    :raises Forbidden: the policy says no.
    """
    context = context or pecan.request.environ['baas.context']
    try:
        get_enforcer().authorize(rule, _target(context), context,
                                 do_raise=True)
    except (policy.PolicyNotAuthorized, policy.InvalidScope):
        raise errors.Forbidden(rule=rule)


def _target(context):
    operators = cfg.CONF.api.operators_project_id
    # oslo.policy compares texts: a token without a project would be of the
    # project "None". What is not in the target fits nobody.
    if not (operators and context.project_id):
        return {}
    return {_OPERATORS: operators}
