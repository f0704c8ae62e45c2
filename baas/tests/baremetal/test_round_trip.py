# SPDX-License-Identifier: Apache-2.0
"""From a machine to its backup, and from a blank disk to the machine, driven
by the service and by nobody else. Each test takes most of an hour where the
machine is emulated; run them one by one: tools/test baremetal --only NAME."""
import unittest

from baas.tests.baremetal import metal
from baas.tests.baremetal import round_trips
from baas.tests.baremetal import service
from baas.tests.lab import test_lab

NODE = '/v1/nodes/bm-controller-0'


def setUpModule():
    unittest.addModuleCleanup(metal.lab, 'down')


class RoundTripTest(round_trips.RoundTrip):

    def test_a_blank_disk_of_the_same_size_through_ironic(self):
        fields = metal.ironic('GET', NODE)
        job, lines = self.round_trip(method='ironic', mechanism=self.mechanism)
        self.assertTrue([line for line in lines if line.startswith(
            '/dev/vda becomes /dev/vda')], lines)
        self.demand_node(fields)

    def demand_node(self, before):
        """See that the Bare Metal service has its node as it was."""
        after = metal.ironic('GET', NODE)
        for name in ('provision_state', 'instance_info', 'deploy_interface',
                     'boot_interface', 'maintenance', 'protected'):
            self.assertEqual(before[name], after[name], name)

    def test_a_power_cut_in_the_middle_of_a_recovery_is_got_over(self):
        self.start(method='ironic', mechanism='ramdisk')
        before = self.seen()
        backup = self.back_up()
        metal.lab('wreck')
        job = self.service.submit(
            f'/v1/restore/{backup["id"]}/{metal.NODE}')
        self.wait_for_percent(job['id'], 'recover', 30)
        metal.lab('power', 'off')
        job = self.service.wait(job['id'], round_trips.HOUR)
        self.assertEqual(('error', 'recover'),
                         (job['state'], job['error']['step']))
        _, lines = self.restore(backup)
        self.assertIn('/dev/vda becomes /dev/vda, the same serial number.',
                      lines)
        self.demand_same(before)

    def wait_for_percent(self, id, name, percent):
        """Wait until a step is so far."""
        def is_so_far():
            job = self.service.job(id)
            self.assertNotIn(job['state'], service.service.FINAL, job)
            [step] = [one for one in job['steps'] if one['name'] == name]
            return (step['percent'] or 0) >= percent
        metal.wait_until(f'{name} at {percent} percent', is_so_far,
                         round_trips.HOUR)

    def test_a_larger_disk_by_virtual_media(self):
        fields = metal.ironic('GET', NODE)
        self.round_trip('--disk', '12G', method='ironic',
                        mechanism='virtual-media')
        self.demand_size(12)
        self.demand_node(fields)

    def demand_size(self, size):
        """See that the disk has so many GiB."""
        self.assertEqual(size << 30, int(metal.on(
            'lsblk -bdno SIZE /dev/vda')))

    def test_an_archive_comes_back_on_another_board_and_from_one_file(self):
        self.start(method='ironic', mechanism='virtual-media', payload='tar',
                   storage='nfs')
        metal.on(f'echo "# {metal.CARD}" '
                 f'>/etc/systemd/network/90-card.network')
        before = self.seen()
        backup = self.back_up()
        self.demand_no_secret()
        # Its network card has another address, and there is a second one.
        metal.lab('wreck', '--disk', '12G', '--board', '2')
        _, lines = self.restore(backup)
        self.demand_same(before)
        self.demand_size(12)
        self.demand_card(round_trips.OTHER_CARD)
        self.assertIn(f'Network card host0, {metal.CARD}, becomes '
                      f'{round_trips.OTHER_CARD}, in the same slot.', lines)
        image = self.service.state / 'whole.iso'
        self.service.manage('backup', 'iso', backup['id'], image)
        key = self.service.manage('backup', 'key', backup['id']).strip()
        # Now there is nobody but who stands in front of it.
        self.service.stop()
        self.service.lose_storage()
        metal.lab('wreck')
        metal.lab('insert', image)
        metal.lab('power', 'on')
        with metal.Console() as console:
            self.restore_by_hand(console, key)
        metal.wait_until('a login', lambda: metal.status()['ssh'], 900)
        # No service has waited for the services of the machine.
        metal.wait_until('the database', self.has_database, 600)
        self.demand_same(before)
        self.demand_card(metal.CARD)

    def has_database(self):
        """Tell whether the database of the machine answers."""
        return 'yes' in metal.on('mariadb -e "SELECT 1" >/dev/null 2>&1 && '
                                 'echo yes || true')

    def demand_card(self, mac):
        """See which network card the settings know."""
        self.assertEqual(f'# {mac}', metal.on(
            'cat /etc/systemd/network/90-card.network').strip())

    def restore_by_hand(self, console, key):
        """Type what a medium asks for."""
        console.wait_for('login: ', 900)
        console.type('root')
        console.wait_for(r'ype: +\./restore', 120)
        console.wait_for('# ', 120)
        console.type('./restore')
        console.wait_for('Key of controller-0: ', 120)
        console.type(key)
        console.wait_for(r'(?s)/dev/vda becomes /dev/vda.*Type yes to write '
                         'this: ', 300)
        console.type('yes')
        found = console.wait_for('All [0-9]+ files are as in the backup|'
                                 'error: .+', round_trips.HOUR)
        self.assertIn('All ', found)
        console.wait_for('# ', 60)
        console.type('reboot')

    def test_without_ironic_by_the_network(self):
        metal.lab('netboot', 'pxelinux')
        self.addCleanup(metal.lab, 'netboot', 'ipxe')
        self.start(method='pxe')
        before = self.seen()
        backup = self.back_up()
        metal.lab('wreck')
        self.demand_error_with_a_stranger(backup)
        job = self.turn_on(backup)
        self.assertEqual('done', job['state'], job['error'])
        self.assertFalse(metal.ENTRY.exists())
        self.demand_same(before)

    def turn_on(self, backup):
        """Bring the machine back, whose power button somebody presses; give
        the job at its end."""
        job = self.service.submit(
            f'/v1/restore/{backup["id"]}/{metal.NODE}')
        metal.wait_until('there is a boot entry', metal.ENTRY.exists, 900)
        metal.lab('power', 'on')
        return self.service.wait(job['id'], 2 * round_trips.HOUR)

    def demand_error_with_a_stranger(self, backup):
        """See that a machine which another DHCP server has caught is given
        up in time, with a word on it, and that nothing is left."""
        metal.lab('netboot', 'stranger')
        self.service.restart(method='pxe', hands_limit=4)
        job = self.turn_on(backup)
        self.assertEqual(('error', metal.NODE, 'rescue'), (
            job['state'], job['error']['node'], job['error']['step']))
        self.assertIn('another DHCP', job['error']['hint'])
        self.assertFalse(metal.ENTRY.exists())
        # It was that one, and nothing else that was wrong.
        self.assertRegex(metal.log('stranger'), f'DHCPACK.* {metal.CARD}')
        metal.lab('power', 'off')
        metal.lab('netboot', 'pxelinux')
        self.service.restart(method='pxe')


class UefiTest(RoundTripTest):
    """The same machine with UEFI; one test of each kind is enough."""
    lab_options, mechanism = ('--firmware', 'uefi'), 'virtual-media'

    test_a_power_cut_in_the_middle_of_a_recovery_is_got_over = None
    test_a_larger_disk_by_virtual_media = None
    test_an_archive_comes_back_on_another_board_and_from_one_file = None
    test_without_ironic_by_the_network = None


class ClusterTest(RoundTripTest):
    """The machine as one of three; the other two are containers."""
    lab_options = ('--cluster',)

    test_a_blank_disk_of_the_same_size_through_ironic = None
    test_a_power_cut_in_the_middle_of_a_recovery_is_got_over = None
    test_a_larger_disk_by_virtual_media = None
    test_an_archive_comes_back_on_another_board_and_from_one_file = None
    test_without_ironic_by_the_network = None

    def test_a_lost_member_joins_those_that_went_on_without_it(self):
        self.start(method='ironic', mechanism='ramdisk')
        for node in metal.MEMBERS:
            metal.on(test_lab.KEYS, node=node)
        before = self.seen()
        backup = self.back_up()
        metal.lab('wreck')
        metal.wait_until('the others miss it', self.is_missed, 900)
        metal.wait_until('the others go on', self.goes_on, 900)
        for node in metal.MEMBERS[1:]:
            metal.on(test_lab.ROTATE, node=node)
        self.restore(backup)
        # All is as in the backup but what the living members know better.
        rows = metal.on(round_trips.ROWS, node=metal.MEMBERS[1])
        self.assertNotEqual(before.pop('rows'), rows)
        self.assertEqual(rows, metal.on(round_trips.ROWS))
        self.demand_same(before)
        self.assertEqual(
            metal.on(test_lab.SHOW_KEYS, node=metal.MEMBERS[1]),
            metal.on(test_lab.SHOW_KEYS))
        self.assertEqual([], metal.status()['complaints'])

    def is_missed(self):
        """Tell whether a living member has noticed; before that, nothing is
        restored over the machine."""
        return 'controller-0' in metal.on(
            'crm_mon -1 | grep OFFLINE || true', node=metal.MEMBERS[1])

    def goes_on(self):
        """Write a row by a living member; tell whether that worked."""
        return 'yes' in metal.on(
            'mariadb labdb -e "INSERT INTO ledger SELECT MAX(id) + 1, '
            '\\"late\\", 1, \\"late\\", 0 FROM ledger" 2>/dev/null '
            '&& echo yes || true', node=metal.MEMBERS[1])
