# SPDX-License-Identifier: Apache-2.0
"""What the programs of this package share: :mod:`baas.program`, with the
configuration of the service."""
from oslo_config import cfg

from baas.conf import opts
from baas import program


def main(verb, work, argv=None):
    """Run a program of this package.

    :param verb: its name, that of its module.
    :param work: called with (conf, :class:`baas.program.Job`); returns the
        result (dict).
    :param argv: arguments; None means those of the process.
    :returns: exit code (int).
    """
    def configured(job, rest):
        opts.load(rest, 'baas-storage')
        return work(cfg.CONF, job)

    return program.main(
        f'baas.storage.programs.{verb}', verb, configured, argv,
        epilog='Further arguments, such as --config-file, are those of all '
               'programs of the service.')
