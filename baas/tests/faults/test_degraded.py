# SPDX-License-Identifier: Apache-2.0
"""A set of what is left while the network cable of a machine is out."""
from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule
LOST = 'controller-2'
# Until the others do not count on it any more: RabbitMQ takes a minute.
GONE = f'''
i=0
until crm_mon -1 | grep -i offline | grep -q {LOST} &&
    rabbitmqctl -q cluster_status --formatter json | python3 -c '
import json, sys
there = json.load(sys.stdin)["running_nodes"]
sys.exit(any("{LOST}" in name for name in there))
'; do
    i=$((i + 1))
    [ $i -lt 120 ] || {{ crm_mon -1; exit 1; }}
    sleep 1
done
'''


class TestDegraded(test_lab.LabTest):

    def test_the_others_are_taken_while_a_node_is_cut_off(self):
        service = test_lab.service
        services.lab('cut', LOST)
        try:
            machines.on('controller-0', GONE)
            refused = service.backup()
            job = service.backup(allow_degraded=True)
        finally:
            services.lab('mend', LOST)
        self.assertEqual(('error', LOST, 'check'), (
            refused['state'], refused['error']['node'],
            refused['error']['step']))
        self.assertIn('--allow-degraded', refused['error']['hint'])
        self.assert_done(job)
        rows = service.backups(set_id=job['id'], sort='node:asc')
        self.assertEqual(
            [*((node, 'available') for node in services.CONTROLLERS[:2]),
             (LOST, 'error')],
            [(row['node'], row['status']) for row in rows])
        self.assertEqual([[LOST]] * 3, [row['missing_nodes'] for row in rows])
        self.assertIn('allow_degraded', rows[2]['error'])
        # Whoever is back is as it was, and in the next set.
        self.assertEqual([], machines.complaints())
        self.assert_no_leftovers()
        whole = service.backup()
        self.assert_done(whole)
        self.assert_available(whole['id'])
        self.assertEqual({None}, {
            row['missing_nodes']
            for row in service.backups(set_id=whole['id'])})
