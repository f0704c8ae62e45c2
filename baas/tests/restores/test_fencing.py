# SPDX-License-Identifier: Apache-2.0
"""The cluster of the lab with fencing. Its devices have no plug to pull:
they write down whom Pacemaker has had turned off."""
import time

from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

SHARED = services.LAB / 'shared' / 'fenced'
setUpModule = test_lab.setUpModule


class TestFencing(test_lab.LabTest):

    def setUp(self):
        super().setUp()
        SHARED.write_text('')
        self.addCleanup(SHARED.unlink)
        for node in services.CONTROLLERS:
            self.addCleanup(machines.on, node, f'rm -f {AGENT}')
            machines.on(node, f"cat >{AGENT} <<'END'\n{PROGRAM}END\n"
                              f'chmod 755 {AGENT}')
        self.addCleanup(machines.on, 'controller-0', TAKE_AWAY)
        machines.on('controller-0', GIVE)
        self.wait_until(lambda: self.devices('controller-1'), 60)

    def wait_until(self, check, seconds):
        until = time.monotonic() + seconds
        while not check():
            self.assertLess(time.monotonic(), until)
            time.sleep(1)

    def devices(self, node):
        """Name the devices by which controller-0 could turn a node off."""
        said = machines.on('controller-0', f'stonith_admin --list {node}',
                           check=False)
        return [line for line in said.splitlines()
                if line.strip().startswith('fence-')]

    def fenced(self):
        """Name those that were turned off, in order."""
        return SHARED.read_text().split()

    def test_everything_rests_once_comes_back_and_nobody_is_fenced(self):
        before = {node: test_lab.units(node)
                  for node in services.CONTROLLERS}
        job = test_lab.service.backup(stopall='yes')
        self.assert_done(job)
        self.assert_available(job['id'])
        for row in test_lab.service.backups(set_id=job['id']):
            self.assertGreater(row['outage_seconds'], 0)
        self.assertEqual([], machines.complaints())
        self.assertEqual(before, {node: test_lab.units(node)
                                  for node in services.CONTROLLERS})
        self.assertEqual([], self.fenced())
        self.assert_no_leftovers()

    def test_a_lost_machine_is_fenced_but_not_while_it_is_restored(self):
        service = test_lab.service
        self.assert_done(service.backup())
        services.lab('wreck', 'controller-1')
        self.wait_until(lambda: self.fenced() == ['controller-1'], 120)
        services.lab('rescue', 'controller-1')
        backup = service.call('GET', '/v1/backup/last?node=controller-1')[1]
        job = service.submit(f'/v1/restore/{backup["id"]}/controller-1')
        service.wait_for_step(job['id'], 'recover')
        # An operator, or a lock manager, asks for it in so many words.
        machines.on('controller-0', 'stonith_admin --reboot controller-1 '
                    '--timeout 5', check=False)
        self.assertEqual([], self.devices('controller-1'))
        self.assert_done(service.wait(job['id']))
        self.assertEqual(['controller-1'], self.fenced())
        self.assertTrue(self.devices('controller-1'))
        self.assertEqual([], machines.complaints())
        self.assert_no_leftovers()


AGENT = '/usr/sbin/fence_lab'
PROGRAM = f'''#!/bin/sh
# See https://github.com/ClusterLabs/fence-agents, doc/FenceAgentAPI.md.
while IFS='=' read -r name value; do
    case $name in
        action) action=$value ;;
        nodename) node=$value ;;
    esac
done
case ${{action:-$2}} in
    off|reboot) echo "$node" >>{SHARED} ;;
    metadata) cat <<'XML' ;;
<?xml version="1.0"?>
<resource-agent name="fence_lab" shortdesc="Writes down who is fenced">
<longdesc>Writes down who is fenced</longdesc>
<parameters><parameter name="action" required="1">
<content type="string" default="reboot"/><shortdesc lang="en">what to do
</shortdesc></parameter></parameters>
<actions><action name="on" automatic="0"/><action name="off"/>
<action name="reboot"/><action name="status"/><action name="monitor"/>
<action name="metadata"/></actions>
</resource-agent>
XML
esac
'''
_DEVICE = '''<primitive id="fence-{0}" class="stonith" type="fence_lab">
<instance_attributes id="fence-{0}-i"><nvpair id="fence-{0}-h"
 name="pcmk_host_list" value="{0}"/></instance_attributes></primitive>'''
GIVE = '\n'.join((
    *(f"cibadmin --create --scope resources --xml-text '"
      f"{_DEVICE.format(node)}'" for node in services.CONTROLLERS),
    'crm_attribute --type crm_config --name stonith-enabled --update true'))
TAKE_AWAY = '\n'.join((
    'crm_attribute --type crm_config --name stonith-enabled --update false',
    *(f"cibadmin --delete --force --xpath '//primitive[@id=\"fence-{node}\"]'"
      for node in services.CONTROLLERS)))
