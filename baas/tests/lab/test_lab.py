# SPDX-License-Identifier: Apache-2.0
"""The service against real machines: systemd, Galera, Pacemaker, RabbitMQ.

The lab is brought up when it is not, and left up and well."""
import os
import shutil
import signal
import subprocess
import unittest

from baas.tests.lab import client
from baas.tests.lab import machines
from baas.tests.lab import service as services

LEFTOVERS = '''
set -e
! systemctl is-active -q baas-deadman.service
test ! -e /etc/systemd/system/baas-deadman.service
test -z "$(ls -A /run/baas-node 2>/dev/null)"
test -z "$(ls -A /.baas-snapshots 2>/dev/null)"
test -z "$(ls -A /srv/lab/subvol/.baas-snapshots 2>/dev/null)"
test ! -e /var/lib/baas-node/hold
! mount | grep -q baas-node
echo clean
'''
ROWS = ('mysql --defaults-extra-file=%s labdb -N -e "SELECT COUNT(*), '
        'SUM(checksum = SHA2(CONCAT_WS(\'|\',id,account,amount,note),256)) '
        'FROM ledger"')
service = None


def setUpModule():
    global service
    service = services.shared()


class LabTest(unittest.TestCase):
    """Leaves every node as it found it, and says so."""

    def setUp(self):
        super().setUp()
        # What a test before this one has ended.
        if service.process.poll() is not None:
            service.restart()
        self.assertEqual([], machines.complaints())

    def assert_no_leftovers(self, nodes=services.CONTROLLERS):
        for node in nodes:
            self.assertEqual('clean', machines.on(
                node, LEFTOVERS, check=False).strip()[-5:], node)

    def assert_well(self, seconds=180):
        """See that the control plane is as it was and has nothing of ours."""
        self.assertEqual([], machines.complaints(seconds))
        self.assertEqual(('10000', '10000'), rows())
        self.assert_no_leftovers()

    def assert_done(self, job):
        self.assertEqual(('done', None), (job['state'], job['error']))

    def assert_available(self, set_id, nodes=services.CONTROLLERS):
        self.assertEqual(
            {node: 'available' for node in nodes},
            {row['node']: row['status']
             for row in service.backups(set_id=set_id)})


class TestBackups(LabTest):

    def test_a_second_backup_stores_little_and_clients_notice_nothing(self):
        service.some_set()
        with client.Client(services.LAB / 'lab-db.cnf') as one:
            one.wait_for(20)
            job = service.backup()
            one.wait_for(one.written + 20)
        self.assert_done(job)
        self.assertEqual([], one.errors)
        self.assert_available(job['id'])
        rows = service.backups(set_id=job['id'])
        for row in rows:
            self.assertLess(row['stored_bytes'], row['size_bytes'] / 10)
            self.assertEqual(0.0, row['outage_seconds'])
        self.assert_no_leftovers()

    def test_the_undercloud_is_backed_up_and_deleted_alone(self):
        job = service.backup('undercloud')
        self.assert_done(job)
        [row] = service.backups(set_id=job['id'])
        status, deletion = service.call('DELETE', f'/v1/backup/{row["id"]}')
        self.assertEqual(202, status)
        self.assert_done(service.wait(deletion['id']))
        self.assertEqual(404, service.call(
            'GET', f'/v1/backup/{row["id"]}')[0])
        self.assert_no_leftovers(['undercloud'])

    def test_a_folder_that_all_nodes_share_is_a_storage_too(self):
        folder = services.LAB / 'shared' / service.state.name
        folder.mkdir()
        self.addCleanup(shutil.rmtree, folder)
        service.restart(driver='file')
        try:
            job = service.backup('undercloud')
            [row] = service.backups(set_id=job['id'])
            _, deletion = service.call('DELETE', f'/v1/backup/{row["id"]}')
            service.wait(deletion['id'])
        finally:
            service.restart()
        self.assert_done(job)
        cloud = folder / row['cloud_id']
        self.assertEqual(f'file://{cloud}/undercloud', row['location_url'])
        self.assertFalse(list((cloud / 'undercloud' / 'manifests')
                              .iterdir()))
        self.assert_no_leftovers(['undercloud'])


class TestFaults(LabTest):

    def test_a_node_that_is_cut_off_is_named_and_nothing_is_begun(self):
        services.lab('cut', 'controller-2')
        try:
            job = service.backup()
        finally:
            services.lab('mend', 'controller-2')
        self.assertEqual(('error', 'controller-2', 'check'), (
            job['state'], job['error']['node'], job['error']['step']))
        self.assertIn('reached', job['error']['cause'])
        self.assertEqual([], machines.complaints())
        self.assert_no_leftovers()

    def test_a_full_storage_fails_the_backup_and_harms_no_earlier_one(self):
        # The check goes by what the last set has taken: a first one much.
        good = service.some_set(of=2)
        machines.on('storage-0', FILL)
        try:
            for node in services.CONTROLLERS:
                machines.on(node, 'head -c 64M /dev/urandom '
                                  '> /srv/lab/grown')
            job = service.backup()
        finally:
            machines.on('storage-0', 'rm -f /srv/backup-root/fill*; sync')
            for node in services.CONTROLLERS:
                machines.on(node, 'rm -f /srv/lab/grown')
        self.assertEqual('error', job['state'])
        self.assertTrue(job['error']['cause'])
        # A node that still found room keeps its good backup.
        held = {row['node']: row['status']
                for row in service.backups(set_id=job['id'])}
        self.assertEqual('error', held[job['error']['node']])
        self.assertLessEqual(set(held.values()), {'error', 'available'})
        self.assert_available(good)
        self.assert_no_leftovers()
        self.assert_done(service.backup())

    def test_another_host_key_of_the_storage_is_refused(self):
        wrong = service.state / 'wrong_known_hosts'
        wrong.write_text((services.LAB / 'ssh' / 'known_hosts').read_text()
                         .splitlines()[0].replace(
                             f'{services.NETWORK}.10',
                             f'{services.NETWORK}.20') + '\n')
        service.restart(known_hosts=wrong)
        try:
            job = service.backup()
        finally:
            service.restart()
        self.assertEqual(('error', 'check'),
                         (job['state'], job['error']['step']))
        self.assertIn('host key', job['error']['cause'] +
                      job['error']['hint'])
        self.assert_no_leftovers()

    def test_a_cancel_in_the_capture_leaves_nothing(self):
        job = service.submit('/v1/backup/overcloud')
        service.wait_for_step(job['id'], 'capture')
        self.assertEqual(202, service.call(
            'POST', f'/v1/job/{job["id"]}/cancel')[0])
        self.assertEqual('cancelled', service.wait(job['id'])['state'])
        self.assert_no_leftovers()
        self.assert_done(service.backup())

    def test_a_service_killed_in_the_capture_undoes_after_its_restart(self):
        job = service.submit('/v1/backup/overcloud')
        service.wait_for_step(job['id'], 'capture')
        service.stop(signal.SIGKILL)
        service.start()
        job = service.wait(job['id'])
        self.assertEqual(('error', 'capture'),
                         (job['state'], job['error']['step']))
        self.assert_no_leftovers()
        self.assert_done(service.backup())


# Leaves about 100 MB: the check lets a backup begin, which then runs full.
# What was deleted a moment ago counts as taken until btrfs has written that.
FILL = '''
cd /srv/backup-root
i=0
while sync -f .; n=$(df --output=avail -B1M . | tail -1); [ $n -gt 110 ]; do
    s=$(( (n - 100 + 1) / 2 ))
    if [ $s -gt 1000 ]; then s=1000; fi
    fallocate -l ${s}M fill$i || break
    i=$((i + 1))
done
n=$(df --output=avail -B1M . | tail -1)
[ $n -le 110 ] || { echo "$n MB are still free" >&2; exit 1; }
'''


def units(node):
    """Name the units that run on a node."""
    return machines.on(
        node, "systemctl list-units --state=active --no-legend --plain "
        "'tripleo_*' rabbitmq-server.service pacemaker.service "
        "corosync.service | cut -d' ' -f1 | sort")


def rows():
    """Give how many rows the ledger has and how many are undamaged."""
    out = subprocess.run(
        ROWS % (services.LAB / 'lab-db.cnf'), shell=True, text=True,
        capture_output=True, check=True).stdout
    return tuple(out.split())


if __name__ == '__main__':
    os.umask(0o077)
    unittest.main()
