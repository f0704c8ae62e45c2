# SPDX-License-Identifier: Apache-2.0
"""Watch the lab's cloud as its users see it, where it has HAProxy and
Keystone.

``python -m baas.tests.lab.cloud SECONDS`` writes through HAProxy into Galera
and asks Keystone for tokens, and says what users would have noticed."""
import argparse
import contextlib
import time

from baas.tests.lab import client
from baas.tests.lab import service as services

KEYSTONE = f'http://{services.NETWORK}.100:5000'
PASSWORD = 'lab-admin'


class Cloud(contextlib.ExitStack):
    """Both probes at once; a context manager.

    :ivar database: :class:`baas.tests.lab.client.Client` through HAProxy.
    :ivar tokens: :class:`baas.tests.lab.client.Tokens` through HAProxy.
    """

    def __init__(self):
        super().__init__()
        self.database = client.Client(services.LAB / 'lab-db.cnf')
        self.tokens = client.Tokens(KEYSTONE, PASSWORD)

    def __enter__(self):
        super().__enter__()
        self.enter_context(self.database)
        self.enter_context(self.tokens)
        return self

    def seen(self):
        """Say what users have noticed ({probe: {what: figure}})."""
        return {name: {'worked': probe.written,
                       'longest_gap': round(probe.longest_gap(), 2),
                       'errors': len(probe.errors),
                       'first_errors': probe.errors[:3]}
                for name, probe in (('database', self.database),
                                    ('tokens', self.tokens))}


def set_beside_users(service, **how):
    """Take a set while users of the cloud work.

    :param how: as :meth:`baas.tests.lab.service.Service.backup` takes it.
    :returns: (job, :class:`Cloud` as it was when its
        users had worked on for a second).
    """
    with Cloud() as users:
        for probe in (users.database, users.tokens):
            probe.wait_for(20)
        job = service.backup(**how)
        for probe in (users.database, users.tokens):
            probe.wait_for(probe.written + 20, 180)
    return job, users


def main():
    """Watch for so many seconds, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('seconds', type=float)
    with Cloud() as cloud:
        time.sleep(parser.parse_args().seconds)
        for name, figures in cloud.seen().items():
            print(name, figures)


if __name__ == '__main__':
    main()
