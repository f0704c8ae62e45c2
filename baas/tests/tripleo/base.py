# SPDX-License-Identifier: Apache-2.0
"""What tests in the shape of TripleO share: the cloud as its users see it."""
from baas.tests.lab import cloud
from baas.tests.lab import machines
from baas.tests.lab import test_lab

MYSQL = 'podman exec $(podman ps -q --filter name=galera-bundle) mysql'
"""Shell words that ask the database of a node, as root."""
MODES = ('stop', 'freeze')


def set_beside_users(service, **how):
    """Take a set while users of the cloud work.

    :param how: as :meth:`baas.tests.lab.service.Service.backup` takes it.
    :returns: (job, :class:`baas.tests.lab.cloud.Cloud` as it was when its
        users had worked on for a second).
    """
    with cloud.Cloud() as users:
        for probe in (users.database, users.tokens):
            probe.wait_for(20)
        job = service.backup(**how)
        for probe in (users.database, users.tokens):
            probe.wait_for(probe.written + 20, 180)
    return job, users


class TripleoTest(test_lab.LabTest):
    """Leaves the lab well, and no node with anything of a backup."""

    def assert_well(self, seconds=180):
        """See that the control plane is as it was and has nothing of ours."""
        self.assertEqual([], machines.complaints(seconds))
        self.assertEqual(('10000', '10000'), test_lab.rows())
        self.assert_no_leftovers()
