# SPDX-License-Identifier: Apache-2.0
"""A conductor of its own process that closes a failed job: ``python -m
baas.tests.unit.conductor.frozen STATE JOB EPOCH``."""
import sys
import threading

from oslo_config import cfg

from baas.conductor import executor
from baas.conductor import lease
from baas.conf import opts
from baas.db import jobs
from baas.db import session


def main(state, job_id, epoch):
    """Say ``closing``, then close the job under a claim."""
    conf = cfg.CONF
    opts.register(conf)
    conf([], project='baas', default_config_files=[], default_config_dirs=[])
    conf.set_override('state_path', state)
    conf.set_override('path', f'{state}/storage', 'storage_file')
    conf.set_override('key_file', f'{state}/key', 'payload')
    session.configure(conf)
    job = jobs.get(job_id)._mapping
    held = lease.Lease(_Row({**job, 'epoch': int(epoch)}), 600)
    left = executor.Executor(_Row({**job, 'epoch': int(epoch)}), held,
                             threading.Event(), conf)
    left.fail('It was cut off.', 'Start it again.')
    print('closing', flush=True)
    left.close()
    print('lost' if held.lost.is_set() else 'closed', flush=True)


class _Row:
    def __init__(self, columns):
        self.__dict__.update(columns)


if __name__ == '__main__':
    main(*sys.argv[1:])
