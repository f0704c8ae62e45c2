# SPDX-License-Identifier: Apache-2.0
"""Which files the service would need to begin anew on another machine."""
import glob
import os

from oslo_log import log

from baas.conf import files
from baas.conf import opts
from baas import errors
from baas.runner import inventory
from baas.runner import inventory_files

LOG = log.getLogger(__name__)
_NODE_KEYS = ('ansible_ssh_private_key_file', 'ansible_private_key_file')
_OPENSSH = ('config', 'known_hosts', 'known_hosts2', 'id_rsa', 'id_ecdsa',
            'id_ed25519', 'id_rsa.pub', 'id_ecdsa.pub', 'id_ed25519.pub')
_EVERYBODYS = ('/etc/ssh/ssh_config', '/etc/ssh/ssh_known_hosts')
_LOGS = ('log_file', 'logfile')
_MOST = 1 << 20
"""Bytes: what an option names and is larger is an image, or a database."""


def paths(conf):
    """Name them: the configuration with all that it names, policy, inventory,
    and what OpenSSH reads to reach the nodes.

    :returns: absolute paths of files that are there (sorted list of str).
    """
    found = {*files.of(conf), *_of_policy(conf), *_of_ssh(conf)}
    found.update(path for path in _named(conf)
                 if _is_small(path) and not os.access(path, os.X_OK))
    found.update(inventory_files.parts(str(conf.runner.inventory)))
    return sorted(path for path in map(os.path.abspath, found)
                  if os.path.isfile(path))


def _named(conf):
    """Give the paths that options have as their value."""
    for path in files.of(conf):
        for options in files.parsed(path).values():
            yield from (value for name, values in options.items()
                        for value in values
                        if name not in _LOGS and value.startswith('/'))
    # Ours are there by default, too.
    for group, options in opts.list_opts():
        for opt in options:
            value = (conf if group == 'DEFAULT' else conf[group])[opt.dest]
            if isinstance(value, str) and value.startswith('/'):
                yield value


def _is_small(path):
    try:
        return os.path.getsize(path) <= _MOST
    except OSError:
        return False


def _of_policy(conf):
    """Give the files of the policy, where oslo.policy looks for them."""
    written = [files.parsed(path).get('oslo_policy', {})
               for path in files.of(conf)]
    for option, name in (('policy_file', 'policy.yaml'),
                         ('policy_dirs', 'policy.d')):
        for value in {name, *(value for options in written
                              for value in options.get(option, ()))}:
            path = conf.find_file(value)
            yield from [path] if path else []
            yield from glob.glob(os.path.join(path, '*')) if path else []


def _of_ssh(conf):
    own = os.path.expanduser('~/.ssh')
    yield from _EVERYBODYS
    yield from (os.path.join(own, name) for name in _OPENSSH)
    try:
        hostvars = inventory.listed(conf).get('_meta', {}).get('hostvars', {})
    except errors.BaasError as error:
        LOG.warning('Which keys nodes are reached with is not known: %s',
                    error)
        return
    for variables in hostvars.values():
        for name in _NODE_KEYS:
            path = variables.get(name)
            if isinstance(path, str) and '{{' not in path:
                yield os.path.expanduser(path)
