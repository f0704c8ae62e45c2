# SPDX-License-Identifier: Apache-2.0
"""From a machine to its backup, and from a blank disk to the machine, driven
by the service and by nobody else. Each test takes most of an hour where the
machine is emulated; run them one by one: tools/test baremetal --only NAME."""
import gzip
import shutil
import subprocess
import unittest

from baas.tests.baremetal import metal
from baas.tests.baremetal import service
from baas.tests.lab import test_lab

NODE = '/v1/nodes/bm-controller-0'
HOUR = 3600
OTHER_CARD = '52:54:00:78:00:20'
# What must be as it was: who the machine is, rows of its database, and
# files of every awkward kind with all that belongs to them.
IDENTITY = (
    'hostname; cat /etc/machine-id; sha256sum /etc/ssh/ssh_host_*_key; '
    'cat /etc/fstab; ip -o -4 address show dev host0 | cut -d" " -f7')
ROWS = 'mariadb -N -e "SELECT COUNT(*), SUM(amount) FROM labdb.ledger"'
FILES = (
    # Not all names are text; the size of a folder is its file system's.
    'cd /srv/lab; { find . ! -type d -printf "%p %y %m %U %G %s %T@ %n %l\\n" '
    '| sort; find . -type d -printf "%p %m %U %G %T@\\n" | sort; '
    'find . -type f -print0 | sort -z | xargs -0 sha256sum; '
    'find . -print0 | sort -z | xargs -0 getfattr -h -d -m- -e hex '
    '2>/dev/null; } | cat -v')


def setUpModule():
    unittest.addModuleCleanup(metal.lab, 'down')


class RoundTripTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        metal.lab('up', *self.lab_options)
        self.service = service.Service()
        self.addCleanup(self.service.remove)

    lab_options, way = (), 'ramdisk'

    def seen(self):
        """Give what the machine is and has (dict)."""
        return {name: metal.on(script, 900) for name, script in (
            ('identity', IDENTITY), ('rows', ROWS), ('files', FILES))}

    def start(self, **options):
        self.service.configure(**options)
        self.service.start()

    def back_up(self):
        """Take a backup; give it."""
        metal.on('sync; echo 3 >/proc/sys/vm/drop_caches')
        job = self.service.submit('/v1/backup/overcloud?stopall=no')
        job = self.service.wait(job['id'], 2 * HOUR)
        self.assertEqual('done', job['state'], job['error'])
        [backup] = self.service.backups(node=metal.NODE)
        return backup

    def restore(self, backup):
        """Bring the machine back; give the job and the lines of its log."""
        job = self.service.submit(
            f'/v1/restore/{backup["id"]}/{metal.NODE}')
        job = self.service.wait(job['id'], 2 * HOUR)
        log = self.service.call(
            'GET', f'/v1/job/{job["id"]}/log?limit=1000')[1]
        lines = [line['message'] for line in log['events']]
        self.assertEqual('done', job['state'],
                         (job['error'], lines[-40:]))
        # What the rescue system thinks of itself, before anybody logs in.
        self.assertNotIn('Possibly corrupted', metal.console_log())
        return job, lines

    def demand_same(self, before):
        self.maxDiff = 4000
        after = self.seen()
        for name, value in before.items():
            self.assertEqual(value, after[name], name)

    def round_trip(self, *wreck, **options):
        """Back up, lose the disks, restore, and compare."""
        self.start(**options)
        before = self.seen()
        backup = self.back_up()
        self.demand_no_secret()
        metal.lab('wreck', *wreck)
        job, lines = self.restore(backup)
        self.demand_same(before)
        return job, lines

    def demand_no_secret(self):
        """See that the image of the rescue system has no key in it."""
        [path] = [path for path in (
            self.service.stored / metal.NODE / 'rescue').iterdir()
            if path.stat().st_size > 50 << 20]
        place = self.service.state / 'image'
        place.mkdir()
        with gzip.open(path) as image:
            subprocess.run(['cpio', '--quiet', '-idm'], cwd=place,
                           input=image.read(), check=True)
        self.addCleanup(shutil.rmtree, place)
        self.assertTrue((place / 'bin' / 'python3').is_file())
        for name in place.rglob('*'):
            self.assertNotRegex(
                str(name.relative_to(place)), r'ssh_host_.*key|authorized_keys'
                r'|\.ssh/id_|^etc/shadow|\.my\.cnf')
        # Programs that know such files have their first line in them, too.
        for folder in ('etc', 'root', 'var'):
            for name in (place / folder).rglob('*'):
                if name.is_file() and not name.is_symlink():
                    self.assertNotIn(b'PRIVATE KEY-----', name.read_bytes(),
                                     name)

    def test_a_blank_disk_of_the_same_size_through_ironic(self):
        fields = metal.ironic('GET', NODE)
        job, lines = self.round_trip(method='ironic', way=self.way)
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
        self.start(method='ironic', way='ramdisk')
        before = self.seen()
        backup = self.back_up()
        metal.lab('wreck')
        job = self.service.submit(
            f'/v1/restore/{backup["id"]}/{metal.NODE}')
        self.wait_for_percent(job['id'], 'recover', 30)
        metal.lab('power', 'off')
        job = self.service.wait(job['id'], HOUR)
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
        metal.wait_until(f'{name} at {percent} percent', is_so_far, HOUR)

    def test_a_larger_disk_by_virtual_media(self):
        fields = metal.ironic('GET', NODE)
        self.round_trip('--disk', '12G', method='ironic',
                        way='virtual-media')
        self.demand_size(12)
        self.demand_node(fields)

    def demand_size(self, size):
        """See that the disk has so many GiB."""
        self.assertEqual(size << 30, int(metal.on(
            'lsblk -bdno SIZE /dev/vda')))

    def test_an_archive_comes_back_on_another_board_and_from_one_file(self):
        self.start(method='ironic', way='virtual-media', payload='tar',
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
        self.demand_card(OTHER_CARD)
        self.assertIn(f'Network card host0, {metal.CARD}, becomes '
                      f'{OTHER_CARD}, in the same slot.', lines)
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
                                 'error: .+', HOUR)
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
        return self.service.wait(job['id'], 2 * HOUR)

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
    lab_options, way = ('--firmware', 'uefi'), 'virtual-media'

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
        self.start(method='ironic', way='ramdisk')
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
        rows = metal.on(ROWS, node=metal.MEMBERS[1])
        self.assertNotEqual(before.pop('rows'), rows)
        self.assertEqual(rows, metal.on(ROWS))
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
