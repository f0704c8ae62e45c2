# SPDX-License-Identifier: Apache-2.0
"""One controller is lost, and comes back as it was."""
from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule


class TestRestore(test_lab.LabTest):

    def test_a_wrecked_controller_comes_back_as_it_was(self):
        service = test_lab.service
        for node in services.CONTROLLERS:
            machines.on(node, KEYS)
        self.assert_done(service.backup())
        identity = machines.on('controller-1', IDENTITY)
        # The others go on without it, and so do their keys.
        for node in services.CONTROLLERS:
            machines.on(node, ROTATE)
        rotated = machines.on('controller-1', SHOW_KEYS)
        services.lab('wreck', 'controller-1')
        services.lab('rescue', 'controller-1')
        backup = service.call('GET', '/v1/backup/last?node=controller-1')[1]
        machines.on('controller-0', FENCE)
        self.addCleanup(machines.on, 'controller-0', NO_FENCE)
        job = service.submit(f'/v1/restore/{backup["id"]}/controller-1')
        service.wait_for_step(job['id'], 'recover')
        self.assertIn('value="Stopped"', machines.on('controller-2', ROLE))
        job = service.wait(job['id'])
        self.assert_done(job)
        self.assertNotIn('target-role', machines.on('controller-2', ROLE))
        self.assertEqual([], machines.complaints(30))
        self.assertEqual(identity, machines.on('controller-1', IDENTITY))
        self.assertEqual(rotated, machines.on('controller-1', SHOW_KEYS))
        self.assertEqual(('10000', '10000'), test_lab.rows())
        self.assert_no_leftovers()
        # A restored node is a node like any other.
        again = service.backup()
        self.assert_done(again)
        self.assert_available(again['id'])


IDENTITY = ('cat /etc/machine-id /etc/hostname /etc/ssh/ssh_host_*.pub; '
            'cd /srv/lab && find . -xdev -printf "%p %y %m %U %G %l %n\\n" '
            '| sort | sha256sum; lsattr -R /srv/lab 2>/dev/null | sort '
            '| sha256sum; find . -xdev -print0 | sort -z '
            '| xargs -0 getfacl -n -p -P 2>/dev/null | sha256sum')
# As "keystone-manage fernet_rotate" leaves them, with one key too many to go.
KEYS = ('mkdir -p /etc/keystone/fernet-keys; cd /etc/keystone/fernet-keys; '
        'for key in 0 1 2; do echo $key >$key; chmod 600 $key; done')
ROTATE = 'cd /etc/keystone/fernet-keys; mv 0 3; rm 1; echo new >0; chmod 600 0'
SHOW_KEYS = ('cd /etc/keystone/fernet-keys; grep -r . . | sort; stat -c '
             '"%n %a %U" *')
# Fencing is off in the lab: nobody asks this device to do anything.
FENCE = """cibadmin --create --scope resources --xml-text '
<primitive id="fence-1" class="stonith" type="fence_none">
<instance_attributes id="fence-1-i"><nvpair id="fence-1-h"
 name="pcmk_host_list" value="controller-1"/></instance_attributes>
</primitive>'"""
NO_FENCE = 'cibadmin --delete --force --xpath \'//primitive[@id="fence-1"]\''
ROLE = 'cibadmin --query --xpath \'//primitive[@id="fence-1"]\''
