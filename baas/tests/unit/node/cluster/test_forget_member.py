# SPDX-License-Identifier: Apache-2.0
"""A lost member is forgotten by the clusters that live on a node."""
import json

from baas.node.cluster import forget_member
from baas.node import errors
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

# It keeps who is in the cluster, and lets go only who does not run.
BROKER = '''
words = [word for word in sys.argv[1:] if word != '-q']
note(' '.join(words))
found = load('brokers.json')
if words[0] == 'cluster_status':
    print(json.dumps(found))
elif words[1] in found['running_nodes']:
    sys.exit('it runs')
else:
    found['disk_nodes'].remove(words[1])
    save('brokers.json', found)
'''


class BrokerTest(base.NodeTest):

    def have(self, running, disk):
        self.write('brokers.json', json.dumps(
            {'running_nodes': running, 'disk_nodes': disk}))
        standins.install(self, rabbitmqctl=BROKER)

    def forget(self, host='c1', **options):
        asked = self.asked('forget_member', host=host, **options)
        self.said = []
        asked.log = self.said.append
        return forget_member.forget_member(asked)['forgotten']

    def test_a_broker_that_does_not_run_is_forgotten_once(self):
        self.have(['rabbit@c0'], ['rabbit@c0', 'rabbit@c1', 'rabbit@c10'])
        self.assertEqual(['rabbit@c1'], self.forget())
        self.assertEqual([], self.forget())
        with open(self.path('brokers.json')) as handle:
            self.assertEqual(['rabbit@c0', 'rabbit@c10'],
                             json.load(handle)['disk_nodes'])

    def test_one_with_a_long_name_is_known_by_the_host_in_it(self):
        name = 'rabbit@c1.internalapi.example.org'
        self.have([], [name])
        self.assertEqual([name], self.forget())

    def test_one_that_runs_is_not_forgotten(self):
        self.have(['rabbit@c1'], ['rabbit@c1'])
        self.assertEqual([], self.forget())

    def test_a_node_whose_broker_is_down_forgets_nobody(self):
        standins.scripts(self, rabbitmqctl='exit 69')
        self.assertEqual([], self.forget())

    def test_a_broker_that_runs_and_does_not_answer_is_told(self):
        standins.process(self, 'beam.smp', '-s', 'rabbit', 'boot')
        for said in ('exit 69', 'echo rubbish', 'echo "{}"'):
            with self.subTest(said):
                standins.scripts(self, rabbitmqctl=said)
                self.assertEqual([], self.forget())
                self.assertIn('rabbitmqctl', self.said[0])

    def test_a_container_that_does_not_answer_is_told_and_passed_over(self):
        standins.only(self)
        standins.scripts(self, podman='exit 125')
        self.assertEqual([], self.forget())
        self.assertEqual(1, len(self.said), self.said)

    def test_a_broker_that_will_not_forget_is_an_error(self):
        standins.scripts(self, rabbitmqctl=(
            'case "$*" in *forget*) echo no >&2; exit 1;; esac; '
            'echo \'{"running_nodes": [], "disk_nodes": ["rabbit@c1"]}\''))
        with self.assertRaises(errors.NodeError):
            self.forget()
