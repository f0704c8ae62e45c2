# SPDX-License-Identifier: Apache-2.0
"""All controllers are lost at once, and come back from one set."""
import os
import subprocess
import unittest

from baas.tests.lab import consistency
from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab as lab

CHECKSUMS = ('sudo mysql -N -e "CHECKSUM TABLE labdb.ledger, labdb.beat; '
             'SELECT COUNT(*), MAX(id) FROM labdb.beat"')
PROPERTIES = 'crm_attribute -t crm_config -n maintenance-mode -G -q -d none'


setUpModule = lab.setUpModule


class TestRestoreOfASet(consistency.ConsistencyTest):

    def test_all_controllers_come_back_from_a_set_that_was_taken_at_work(
            self):
        self.assert_all_come_back('no')

    def test_all_controllers_come_back_from_a_set_that_was_taken_at_rest(
            self):
        self.assert_all_come_back('yes')

    def take(self, stopall):
        """Take a set with rows that are of this set alone; give its id."""
        query('CREATE TABLE IF NOT EXISTS labdb.beat (id BIGINT PRIMARY KEY)'
              '; INSERT INTO labdb.beat SELECT COALESCE(MAX(id), 0) + 1 '
              'FROM labdb.beat')
        job = lab.service.backup(stopall=stopall)
        self.assert_done(job)
        return job['id']

    def assert_all_come_back(self, stopall):
        set_id = self.take(stopall)
        before = [state(node) for node in services.CONTROLLERS]
        query('INSERT INTO labdb.beat SELECT MAX(id) + 1 FROM labdb.beat')
        job = self.restore(set_id)
        self.assertEqual('restore-set', job['kind'])
        self.assertEqual(before, [state(node)
                                  for node in services.CONTROLLERS])
        self.assertEqual(1, len({machines.on(node, CHECKSUMS)
                                 for node in services.CONTROLLERS}))
        self.assertEqual('none', machines.on(
            'controller-0', PROPERTIES).strip())
        self.assert_no_leftovers()
        again = lab.service.backup()
        self.assert_done(again)


def state(node):
    """Give what must be the same when a node is back."""
    return [machines.on(node, lab.IDENTITY), machines.on(node, CHECKSUMS),
            lab.units(node)]


def query(statements):
    """Run statements through the virtual address."""
    subprocess.run(
        ['mysql', f'--defaults-extra-file={services.LAB}/lab-db.cnf', '-e',
         statements], check=True, capture_output=True)


if __name__ == '__main__':
    os.umask(0o077)
    unittest.main()
