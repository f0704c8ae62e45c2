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

from baas import errors

ACT = 'rule:baas:act'
LOOK = 'rule:baas:look'
_OPERATORS = 'operators_project_id'


def _rule(name, check, description, *operations):
    return policy.DocumentedRuleDefault(
        name=name, check_str=check, description=description,
        scope_types=['project'],
        operations=[{'method': method, 'path': path}
                    for method, path in (op.split() for op in operations)])


def list_rules():
    """Give all rules; oslopolicy-sample-generator asks for them."""
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
        _rule('baas:backup:list', LOOK, 'List backups.', 'GET /v1/backup'),
        _rule('baas:backup:show', LOOK, 'Show a backup.',
              'GET /v1/backup/{id}', 'GET /v1/backup/last'),
        _rule('baas:backup:create', ACT, 'Take a set of backups.',
              'POST /v1/backup/{target}'),
        _rule('baas:backup:delete', ACT, 'Delete a backup and its data.',
              'DELETE /v1/backup/{id}'),
        _rule('baas:restore:list', LOOK, 'List restores.',
              'GET /v1/restore'),
        _rule('baas:restore:show', LOOK, 'Show a restore.',
              'GET /v1/restore/{id}', 'GET /v1/restore/last'),
        _rule('baas:restore:create', ACT,
              'Restore a backup onto a node, or a set onto all nodes.',
              'POST /v1/restore/{id}/{nodeid}', 'POST /v1/restore/{id}'),
        _rule('baas:job:list', LOOK, 'List jobs.', 'GET /v1/job'),
        _rule('baas:job:show', LOOK, 'Show a job.', 'GET /v1/job/{id}'),
        _rule('baas:job:log', LOOK, 'Read the log of a job.',
              'GET /v1/job/{id}/log'),
        _rule('baas:job:cancel', ACT, 'Cancel a job.',
              'POST /v1/job/{id}/cancel'),
        _rule('baas:node:list', LOOK, 'List the nodes of the targets.',
              'GET /v1/node'),
        _rule('baas:node:show', LOOK, 'Show a node.',
              'GET /v1/node/{nodeid}'),
    ]


@functools.cache
def get_enforcer():
    """Give the enforcer, with the rules of the policy file over ours."""
    opts.set_defaults(cfg.CONF)
    enforcer = policy.Enforcer(cfg.CONF)
    enforcer.register_defaults(list_rules())
    return enforcer


def check(rule):
    """Let the request go on only when its caller may.

    :raises Forbidden: the policy says no.
    """
    context = pecan.request.environ['baas.context']
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
