# SPDX-License-Identifier: Apache-2.0
"""Boot method ironic with a real Bare Metal service and the BMC of machines
that are not there."""
import json
import shutil

from oslo_config import cfg
import requests

from baas.boot import base
from baas.boot import driver
from baas.db import jobs
from baas.tests.ironic import bare_metal
from baas.tests.ironic import booting
from baas.tests.unit.boot.methods import contract
from baas.tests.unit.boot import running
from baas.tests.unit.boot import site

# The names that the modules of this suite share.
setUpModule = booting.setUpModule


class MediaTest(contract.BootContract, booting.IronicTest):
    """Virtual media, attached to the active node."""
    files = ('iso',)

    def told(self):
        return (self.ironic.bmc.medium(self.number) is not None
                and self.ironic.bmc.system(self.number)[1] == 'Cd')

    def test_disks_are_those_that_an_inspection_has_found(self):
        boot = self.boot()
        self.assertIsNone(boot.disks(self.machine()))
        self.ironic.inspected(self.metal, {'disks': [
            {'name': '/dev/sda', 'size': 60 << 30, 'serial': 'QM1'}]})
        [one] = boot.disks(self.machine())
        self.assertEqual(('/dev/sda', 60 << 30, 'QM1'),
                         (one['name'], one['size'], one['serial']))
        self.ironic.inspected(self.metal, {'cpu': {'count': 4}})
        self.assertIsNone(boot.disks(self.machine()))

    def test_disks_that_nobody_may_see_are_in_nobodys_way(self):
        self.configure('boot_ironic', endpoint_override='http://127.0.0.1:9',
                       api_timeout=1)
        self.assertIsNone(self.boot().disks(self.machine()))


class RamdiskTest(contract.BootContract, booting.IronicTest):
    """Kernel and initrd, by a rebuild."""
    files = ('kernel', 'initrd')
    mechanism = 'ramdisk'
    number = 1
    columns = {'boot_interface': 'ipxe'}

    def told(self):
        return (self.show()['deploy_interface'] == 'ramdisk'
                and self.ironic.bmc.system(self.number)[1] == 'Pxe')


class TrapTest(contract.Acts, booting.IronicTest):
    """What goes wrong where one does not look, with a rebuild."""
    files = ('kernel', 'initrd')
    mechanism = 'ramdisk'
    number = 2
    columns = {'boot_interface': 'ipxe'}

    def test_all_that_operators_set_comes_back(self):
        self.ironic.patch(
            self.metal, protected=True, protected_reason='carries the cloud',
            # A rebuild drops kernel and ramdisk beside an image of Glance.
            **{'instance_info/image_source': bare_metal.GLANCE,
               'instance_info/kernel': bare_metal.GLANCE,
               'instance_info/configdrive': 'H4sIAAAA', 'retired': True})
        # Without maintenance no interface changes, and with it no rebuild.
        self.ironic('PUT', f'/v1/nodes/{self.metal}/maintenance',
                    {'reason': 'lent to the operators'})
        before, kept = self.seen(), self.ironic.kept(self.metal)
        self.assertEqual('******', before['instance_info']['configdrive'])
        self.begin()
        during = self.seen()
        for name, file in (('kernel', 'kernel'), ('ramdisk', 'initrd')):
            self.assertTrue(during['instance_info'][name].endswith(file))
        self.assertEqual(('active', 'ramdisk', False, 'Pxe'), (
            during['provision_state'], during['deploy_interface'],
            during['maintenance'], during['device']))
        self.cleanup()
        self.assertAsBefore(before)
        # Secrets are shown as asterisks, and must not become asterisks.
        self.assertEqual(kept, self.ironic.kept(self.metal))
        self.ironic('DELETE', f'/v1/nodes/{self.metal}/maintenance')
        self.ironic.patch(self.metal, protected=False, retired=False)

    def test_a_maintenance_of_somebody_else_in_between_stays(self):
        before = self.seen()
        self.begin(contract.limited(self.undo(), 4))
        self.ironic('PUT', f'/v1/nodes/{self.metal}/maintenance',
                    {'reason': 'a disk is replaced'})
        self.cleanup()
        self.assertEqual({**before, 'maintenance': True,
                          'maintenance_reason': 'a disk is replaced'},
                         self.seen())
        self.ironic('DELETE', f'/v1/nodes/{self.metal}/maintenance')

    def test_a_rebuild_that_fails_for_its_parameters_is_undone(self):
        self.configure('boot', kernel_params='rw "console=ttyS0')
        # The service keeps what it has made for an earlier restore.
        shutil.rmtree(self.ironic.folder / 'http' / self.metal,
                      ignore_errors=True)
        before = self.seen()
        with self.assertRaises(base.BootError) as caught:
            self.begin()
        self.assertIn('kernel', str(caught.exception))
        self.assertEqual('deploy failed', self.seen()['provision_state'])
        self.cleanup()
        self.assertAsBefore(before)

    def test_a_rebuild_that_failed_is_brought_back_without_cleaning(self):
        before = self.seen()
        self.begin()
        # The image is that of this restore, whatever there was of others.
        self.assertIn(self.undos()['images'], (
            self.ironic.folder / 'http' / self.metal / 'ramdisk').read_text())
        # The image server was away at that moment.
        self.ironic.pretend(self.metal, provision_state='deploy failed',
                            target_provision_state='active')
        self.cleanup()
        self.assertAsBefore(before)
        self.assertNotIn('clean', self.ironic.process.words().partition(
            self.metal)[2].replace('automated_clean', ''))

    def test_a_node_that_must_not_be_touched_is_refused(self):
        before = self.seen()
        for state in ('deploying', 'wait call-back', 'cleaning', 'clean wait',
                      'clean failed', 'rescue', 'rescuing', 'servicing',
                      'deploy failed', 'available', 'manageable', 'enroll'):
            with self.subTest(state):
                self.ironic.pretend(self.metal, provision_state=state)
                self.assertIn(state, self.problem())
                self.assertEqual({}, self.undos())
        self.ironic.pretend(self.metal, provision_state='active')
        self.assertEqual(before, self.seen())

    def test_a_node_that_is_locked_is_refused(self):
        self.configure('boot_ironic', api_timeout=3)
        self.ironic.pretend(self.metal, reservation='another-conductor')
        self.assertIn('locked by another-conductor', self.problem())
        self.configure('boot_ironic', api_timeout=60)
        self.ironic.pretend(self.metal, reservation=None)
        self.assertEqual('', self.problem())

    def test_a_node_whose_bmc_is_known_to_be_gone_is_refused(self):
        self.ironic.pretend(self.metal, maintenance=1, fault='power failure')
        self.assertIn('power failure', self.problem())
        self.ironic.pretend(self.metal, maintenance=0, fault=None)

    def test_a_backup_of_the_other_boot_mode_is_refused(self):
        machine = base.Machine(self.node(), 'bios')
        found, = self.boot().problems(machine)
        self.assertIn('bios', found.cause)
        self.assertEqual([], self.boot().problems(
            base.Machine(self.node(), 'uefi')))

    def test_a_node_is_found_by_any_of_its_names(self):
        instance = self.show()['instance_uuid']
        for names in ({'baremetal_name': 'metal-2'},
                      {'instance_uuid': instance}):
            self.assertEqual('', self.problem(
                **{'baremetal_uuid': None, **names}))
        self.assertIn('has no node', self.problem(
            baremetal_uuid='00000000-0000-0000-0000-000000000000'))

    def test_an_iso_by_rebuild_is_refused_where_the_disk_would_boot(self):
        self.configure('boot_ironic', mechanism='boot-iso')
        self.ironic.pretend(self.metal, driver_internal_info=json.dumps(
            {'is_whole_disk_image': True}))
        self.assertIn('whole disk', self.problem())

    def test_a_service_that_is_not_there_is_told_in_time(self):
        self.configure('boot_ironic', api_timeout=1,
                       endpoint_override='http://127.0.0.1:1')
        self.assertIn('cannot be reached', self.problem())


class DeathTest(contract.Acts, running.ProgramTest, booting.IronicTest):
    """Somebody dies in the middle: the program, the service, the BMC."""
    number = 3

    def setUp(self):
        super().setUp()
        self.place_node(ansible_port=self.rescue.port,
                        baremetal_uuid=self.metal)

    def power_on(self):
        """Let the machine boot what it was told to boot."""
        url = self.until(lambda: self.ironic.bmc.medium(self.number),
                         'a CD is inserted')
        self.until(lambda: self.ironic.bmc.system(self.number)[1] == 'Cd',
                   'the CD is chosen')
        place = self.folder / 'got.iso'
        place.write_bytes(requests.get(url, timeout=9).content)
        self.rescue.boot(site.extracted(place, '/isolinux/initrd.cgz'))

    def test_a_rescue_system_calls_in_from_virtual_media(self):
        before = self.seen()
        self.good(self.call('precheck'))
        start = self.call('start')
        self.power_on()
        self.assertEqual('ironic', self.good(start)['method'])
        # Only the boot device is still to be put back.
        self.assertEqual({'boot_device', 'power'}, set(self.undos()))
        self.assertIsNone(self.ironic.bmc.medium(self.number))
        self.good(self.call('cleanup', power='off'))
        self.assertAsBefore(before)
        self.assertEqual('Off', self.ironic.bmc.system(self.number)[0])

    def test_the_program_dies_and_another_puts_everything_back(self):
        self.configure('boot_ironic', mechanism='ramdisk')
        self.ironic('PUT', f'/v1/nodes/{self.metal}/maintenance')
        self.ironic.patch(self.metal, boot_interface='ipxe')
        self.ironic('DELETE', f'/v1/nodes/{self.metal}/maintenance')
        before = self.seen()
        power = self.ironic.bmc.system(self.number)[0]
        start = self.call('start')
        self.until(lambda: self.show()['provision_state'] == 'deploying',
                   'the node is rebuilt')
        self.kill(start)
        taken = jobs.take_over(self.job.id, self.job.epoch, 'second', 60)
        self.good(self.call('cleanup', epoch=taken.epoch, power='before'))
        self.assertAsBefore(before)
        self.assertEqual(power, self.ironic.bmc.system(self.number)[0])

    def test_the_service_dies_and_everything_is_put_back_when_it_is_back(
            self):
        before = self.seen()
        self.configure('boot_ironic', api_timeout=3)
        start = self.call('start')
        self.until(lambda: self.ironic.bmc.medium(self.number),
                   'a CD is inserted')
        self.ironic.process.kill()
        self.bad(start, 'Bare Metal service cannot be reached')
        self.configure('boot', cleanup_timeout=0)
        self.bad(self.call('cleanup'), 'Bare Metal service cannot be')
        self.assertIn('cd', self.undos())
        self.configure('boot', cleanup_timeout=2)
        self.configure('boot_ironic', api_timeout=60)
        again = self.call('cleanup')
        self.ironic.serve()
        self.good(again)
        self.assertAsBefore(before)

    def test_the_bmc_dies_and_everything_is_put_back_when_it_is_back(self):
        before = self.seen()
        start = self.call('start')
        self.until(lambda: self.ironic.bmc.medium(self.number),
                   'a CD is inserted')
        self.ironic.bmc.process.kill()
        self.bad(start, 'did not')
        self.configure('boot', cleanup_timeout=0)
        self.bad(self.call('cleanup'), 'did not')
        self.assertIn('cd', self.undos())
        self.ironic.bmc.start()
        self.configure('boot', cleanup_timeout=2)
        self.good(self.call('cleanup'))
        self.assertAsBefore(before)

    def test_the_image_server_dies_and_nothing_is_left(self):
        before = self.seen()
        undo = self.undo()
        images = self.published(('iso',), undo)
        images.path('iso').unlink()
        said = []
        with self.assertRaises(base.BootError) as caught:
            driver.load(cfg.CONF).start(self.machine(), images, undo,
                                        said.append)
        self.assertIn('404', str(caught.exception))
        self.good(self.call('cleanup'))
        self.assertAsBefore(before)
