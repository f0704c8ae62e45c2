# SPDX-License-Identifier: Apache-2.0
"""Rules of a policy file: what oslo.policy cannot understand it takes for
one that nobody meets, and what is missing for one that everybody does."""
import contextlib
import logging
import os

from oslo_config import cfg
from oslo_policy import policy

from baas import errors


def load(enforcer, conf):
    """Read all policy files.

    :param enforcer: an oslo.policy Enforcer, made of the same configuration.
    :param conf: an oslo.config ConfigOpts.
    :raises ConfigurationError: one of them has a rule that cannot be
        understood; it is named.
    """
    path = conf.oslo_policy.policy_file
    try:
        for path in _files(conf):
            with open(path, encoding='utf-8') as file:
                _demand(policy.parse_file_contents(file.read()))
        enforcer.load_rules()
    except (OSError, TypeError, ValueError, AttributeError,
            cfg.Error) as error:
        raise errors.ConfigurationError(
            reason=f'The policy file {path} cannot be used: '
                   f'{" ".join(str(error).split()).rstrip(".")}',
            remedy='Correct it until "oslopolicy-validator" takes it, or '
                   'leave [oslo_policy] policy_file out')


def _files(conf):
    options = conf.oslo_policy
    found = conf.find_file(options.policy_file)
    yield from [found] if found else []
    for folder in filter(None, map(conf.find_file, options.policy_dirs)):
        yield from sorted(
            entry.path for entry in os.scandir(folder)
            if entry.is_file() and not entry.name.startswith('.'))


def _demand(found):
    """Make sure that each rule can be understood (ValueError)."""
    if not isinstance(found, dict):
        raise ValueError('it has no names of rules')
    with _silence():
        for name, rule in found.items():
            if not _is_rule(rule):
                raise ValueError(f'rule {name} is no text')
            # What is not understood becomes "!", which is never met.
            check = str(policy.RuleDefault(str(name), rule).check)
            if check.count('!') > str(rule).count('!'):
                raise ValueError(
                    f'rule {name} cannot be understood: {rule}')


def _is_rule(found):
    """Tell whether something is a text, or lists of texts, as rules were
    written once."""
    if isinstance(found, list):
        return all(isinstance(part, str) or isinstance(part, list) and all(
            isinstance(word, str) for word in part) for part in found)
    return isinstance(found, str)


@contextlib.contextmanager
def _silence():
    """Keep the log of the library from saying it with a traceback."""
    log = logging.getLogger('oslo_policy._parser')
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
