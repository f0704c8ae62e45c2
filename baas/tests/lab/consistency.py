# SPDX-License-Identifier: Apache-2.0
"""What every test of one consistency point shares: a writer, a set, all nodes
lost."""
from baas.tests.lab import client
from baas.tests.lab import counter
from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab


class ConsistencyTest(test_lab.LabTest):
    """Writes numbers into the database and into files, by turns.

    :cvar CLIENTS: shell words that ask the database of a node as root.
    """
    CLIENTS = dict.fromkeys(services.CONTROLLERS, 'mysql')

    def assert_consistent(self, mode):
        """Take a set while somebody writes, lose all controllers, restore.

        Every number goes into the database first and into the file of one node
        next, each when the one before was acknowledged: what one consistency
        point has seen is a prefix of that sequence.

        :param mode: how services are quiesced.
        """
        numbers = counter.Counter()
        self.addCleanup(numbers.remove)
        numbers.install()
        test_lab.service.restart(mode=mode)
        self.addCleanup(test_lab.service.restart)
        with client.Client(services.LAB / 'lab-db.cnf',
                           numbers.add) as writer:
            writer.wait_for(60)
            job = test_lab.service.backup(stopall='yes')
            self.assert_done(job)
            writer.wait_for(writer.written + 60, 120)
        later = writer.written
        self.restore(job['id'])
        in_files = numbers.read()
        in_database = self.in_database()
        last = in_database[-1]
        self.assertEqual(list(range(1, last + 1)), in_database)
        for node, found in enumerate(in_files):
            self.assertEqual([number for number in found
                              if number % 3 == node], found)
        together = sorted(sum(in_files, []))
        # The last number may be in the database and not yet in its file.
        self.assertIn(together, [list(range(1, last + 1)),
                                 list(range(1, last))])
        self.assertGreaterEqual(last, 60)
        self.assertLess(last, later)
        return writer

    def restore(self, set_id):
        """Lose all controllers, and restore a set; give the job."""
        for verb in ('wreck', 'rescue'):
            for node in services.CONTROLLERS:
                services.lab(verb, node)
        job = test_lab.service.wait(test_lab.service.submit(
            f'/v1/restore/{set_id}')['id'])
        self.assert_done(job)
        self.assertEqual([], machines.complaints(30))
        self.assertEqual(('10000', '10000'), test_lab.rows())
        self.assert_no_leftovers()
        return job

    def in_database(self):
        """Give the numbers that are in the database, the same on each node."""
        said = {machines.on(node, f'{self.CLIENTS[node]} -N -e '
                            '"SELECT id FROM labdb.beat ORDER BY id"')
                for node in services.CONTROLLERS}
        self.assertEqual(1, len(said))
        return [int(line) for line in said.pop().split()]
