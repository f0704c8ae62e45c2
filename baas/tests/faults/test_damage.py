# SPDX-License-Identifier: Apache-2.0
"""What is stored of a living node is damaged, found, and made good."""
from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule
NODE = 'controller-1'
# A file that stays as it is: what has gone from its node is not healed.
FILE = '/srv/lab/lasting'
# One bit is wrong in the middle of the largest of the packs that came with
# that file: it has nothing else there.
FLIP = '''
set -e
cd /srv/backup-root/backup/%s/*/%s/restic
pack=$(find data -type f -newermt @%s -printf '%%s %%p\\n' | sort -n | tail -1)
python3 - ${pack#* } <<'EOF'
import os
import sys
os.chmod(sys.argv[1], 0o600)
with open(sys.argv[1], 'r+b') as file:
    file.seek(os.path.getsize(sys.argv[1]) // 2)
    byte = file.read(1)[0]
    file.seek(-1, 1)
    file.write(bytes([byte ^ 1]))
EOF
basename ${pack#* }
'''


class TestDamage(test_lab.LabTest):

    def own(self, job):
        """Give the backup of the node in a set."""
        [found] = [row for row in test_lab.service.backups(set_id=job['id'])
                   if row['node'] == NODE]
        return found

    def verify(self, backup):
        return test_lab.service.wait(test_lab.service.submit(
            f'/v1/backup/{backup["id"]}/verify')['id'])

    def looks(self, backup):
        """Wait for the verifications of a backup that have begun; give how
        many there are."""
        jobs = [job for job in test_lab.service.call(
            'GET', '/v1/job?kind=verify')[1]['jobs']
            if job['backup_id'] == backup['id']]
        for job in jobs:
            test_lab.service.wait(job['id'])
        return len(jobs)

    def test_a_flipped_bit_is_found_named_and_healed_by_the_next_backup(self):
        service = test_lab.service
        service.some_set()
        before = machines.on('storage-0', 'date +%s.%N').strip()
        self.addCleanup(machines.on, NODE, f'rm -f {FILE}')
        machines.on(NODE, f'head -c 64M /dev/urandom > {FILE}')
        job = service.backup()
        self.assert_done(job)
        backup = self.own(job)
        self.assert_done(self.verify(backup))
        pack = machines.on('storage-0', FLIP % (
            service.state.name, NODE, before)).strip()
        found = self.verify(backup)
        self.assertEqual(('error', NODE), (found['state'],
                                           found['error']['node']))
        hit = service.call('GET', f'/v1/backup/{backup["id"]}')[1]
        self.assertEqual('error', hit['status'])
        self.assertIn(pack, ' '.join(one['object']
                                     for one in hit['damages']))
        self.assertIn(FILE, [file for one in hit['damages']
                             for file in one['files']])
        # The others of its set are not concerned.
        self.assertEqual(['available', 'available'], [
            row['status'] for row in service.backups(set_id=job['id'])
            if row['node'] != NODE])
        status, refused = service.call(
            'POST', f'/v1/restore/{backup["id"]}/{NODE}')
        self.assertEqual(409, status)
        self.assertIn('damaged', refused['errors'][0]['detail'])
        again = service.backup()
        self.assert_done(again)
        self.assert_available(again['id'])
        # The backup has asked for one more look at what was damaged.
        self.assertEqual(3, self.looks(backup))
        self.assert_available(job['id'])
        self.assert_done(self.verify(self.own(again)))
        self.assertEqual([], machines.complaints())
        self.assert_no_leftovers()

    def test_a_spot_check_compares_and_leaves_nothing_on_the_node(self):
        service = test_lab.service
        job = service.backup()
        self.assert_done(job)
        for row in service.backups(set_id=job['id']):
            checked = service.wait(service.submit(
                f'/v1/backup/{row["id"]}/spot-check', {'share': '20%'})['id'])
            self.assert_done(checked)
            figures = checked['result'][row['node']]
            self.assertGreater(figures['compared'], 0)
            self.assertEqual(0, figures['changed'] + figures['missing'])
        self.assert_no_leftovers(services.CONTROLLERS)
