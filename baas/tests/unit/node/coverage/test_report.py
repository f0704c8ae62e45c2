# SPDX-License-Identifier: Apache-2.0
"""Disks, services and secrets; and that nothing of it fails a check."""
import json
import os

from baas.node.backup import check
from baas.node.coverage import devices
from baas.node.coverage import gaps
from baas.node.coverage import held
from baas.node.coverage import report
from baas.node.coverage import secrets
from baas.node.coverage import services
from baas.node import errors
from baas.node import paths
from baas.tests.unit.node import base
from baas.tests.unit.node import standins


def disk(name='sdb', number='8:16', fstype='', uuid='', type='disk',
         children=(), **more):
    """Give a device as lsblk tells of it."""
    # To the kernel it is one that there is on each machine.
    return {'name': name, 'kname': 'null', 'maj:min': number,
            'fstype': fstype or None, 'uuid': uuid or None, 'type': type,
            'children': list(children), **more}


def mount(place='/', device='/dev/sda1', number='8:1'):
    """Give a mount as the kernel tells of it."""
    return {'mountpoint': os.fsencode(os.path.join(
        paths.TOP, place.lstrip('/')).rstrip('/')), 'fstype': 'ext4',
        'device': device, 'number': number, 'root': b'/', 'options': ''}


class DevicesTest(base.NodeTest):

    def looked(self, *rows, mounts=()):
        """Tell what gaps there are: {what: (reason, harmless)}."""
        rows = [dict(row, kname=f'fd/{number}')
                for number, row in enumerate(rows)]
        standins.scripts(self, lsblk="cat <<'END'\n%s\nEND" % json.dumps(
            {'blockdevices': rows}))
        own = held.Held([mount(), *mounts], [])
        return {one['what']: (one['reason'], one['harmless'])
                for one in devices.look(own, devices.known())}

    def test_a_disk_with_content_that_is_not_mounted_is_a_gap(self):
        self.assertEqual(
            {'xfs u-u': ('unmounted', False)},
            self.looked(disk(fstype='xfs', uuid='u-u'), disk('sdc')))

    def test_a_disk_is_known_by_its_uuid_whatever_it_is_called(self):
        for name in ('sdb', 'sdq'):
            self.assertEqual(['xfs u-u'], list(self.looked(
                disk(name, fstype='xfs', uuid='u-u'))))

    def test_what_is_mounted_is_none_with_all_its_disks(self):
        self.assertEqual({}, self.looked(
            disk(number='8:16', fstype='btrfs', uuid='u'),
            disk('sdc', number='8:32', fstype='btrfs', uuid='u'),
            mounts=[mount('/srv', '/dev/sdb', '8:16')]))

    def test_what_others_are_made_of_is_none_itself(self):
        inner = disk('vg-root', '253:0', 'ext4', 'r', 'lvm')
        inner['kname'] = 'zero'
        self.assertEqual({}, self.looked(
            disk(fstype='LVM2_member', uuid='p', children=[inner]),
            mounts=[mount('/', '/dev/mapper/vg-root', '253:0')]))

    def test_volumes_of_virtual_machines_are_one_gap_a_group(self):
        volumes = [disk(f'cinder--volumes-volume--{number}', f'253:{number}',
                        type='lvm') for number in range(3)]
        self.assertEqual({'group cinder-volumes': ('unmounted', False)},
                         self.looked(*volumes))

    def test_a_volume_beside_mounted_ones_is_a_gap_of_its_own(self):
        self.assertEqual({'vg-old': ('unmounted', False)}, self.looked(
            disk('vg-root', '253:0', 'ext4', 'r', 'lvm'),
            disk('vg-old', '253:1', type='lvm'),
            mounts=[mount('/', '/dev/mapper/vg-root', '253:0')]))

    def test_data_of_ceph_swap_and_config_drives_are_told_apart(self):
        self.assertEqual(
            {'group ceph-*': ('ceph', False), 'swap': ('swap', True),
             'config-2': ('config', True)},
            self.looked(
                disk('ceph--0a1b2c3d--1111--2222--3333--444455556666-osd',
                     type='lvm', fstype='ceph_bluestore'),
                disk('sdc', fstype='swap', uuid='s'),
                disk('sdd', fstype='iso9660', uuid='i', label='config-2')))

    def test_an_encrypted_disk_is_named_opened_or_not(self):
        there = [{'fstype': 'crypto_LUKS', 'uuid': 'u', 'name': 'sdb'},
                 {'fstype': 'xfs', 'uuid': 'x', 'name': 'sdc'}]
        self.assertEqual([('u', 'sdb')], devices.locked(there))

    def test_lsblk_that_says_nonsense_is_no_answer(self):
        for said in ('no json', '[]', '{"blockdevices": [7]}'):
            standins.scripts(self, lsblk="echo '%s'" % said)
            with self.assertRaises(errors.Unknown):
                devices.known()

    def test_a_disk_without_a_device_node_is_somebody_elses(self):
        standins.scripts(self, lsblk="echo '%s'" % json.dumps(
            {'blockdevices': [dict(disk(fstype='xfs', uuid='u'),
                                   kname='no-such-disk')]}))
        self.assertEqual([], devices.known())


class ServicesTest(base.NodeTest):

    def looked(self, *quiesced, mode='stop', unknown=()):
        return {one['what']: (one['reason'], one['harmless'])
                for one in services.look(mode, quiesced, unknown)}

    def test_what_goes_on_running_is_named_with_its_reason(self):
        standins.units(
            self, web__service={}, chronyd__service={}, sshd__service={},
            auditd__service={}, makecache__service={
                'Type': 'oneshot', 'RemainAfterExit': 'no'},
            once__service={'Type': 'oneshot', 'RemainAfterExit': 'yes'},
            passing__service={'Transient': 'yes'},
            vip__service={'DropInPaths': '/run/x/50-pacemaker.conf'},
            down__service={'ActiveState': 'inactive'}, web__socket={})
        self.assertEqual(
            {'chronyd.service': ('unlisted', False),
             'once.service': ('unlisted', False),
             'auditd.service': ('unlisted', False),
             'sshd.*': ('protected', True), 'odd.service': ('unknown', True)},
            self.looked('web.service', unknown=['odd.service']))

    def test_a_freeze_leaves_cluster_and_database_running(self):
        standins.units(self, pacemaker__service={}, mariadb__service={},
                       web__service={})
        self.assertEqual({'pacemaker.service': ('running', True),
                          'mariadb.service': ('locked', True)},
                         self.looked('web.service', 'database',
                                     mode='freeze'))
        self.assertEqual(('running', True), self.looked(
            mode='freeze')['mariadb.service'])

    def test_names_that_are_made_anew_are_one_service(self):
        standins.units(self, **{'job-%s__service' % ('0f' * 16): {},
                                'job-%s__service' % ('1e' * 16): {}})
        self.assertEqual({'job-*.service': ('unlisted', False)},
                         self.looked())


class SecretsTest(base.NodeTest):

    def looked(self, *there):
        own = held.Held([mount()], [])
        return {one['what']: one['reason']
                for one in secrets.look(own, list(there))}

    def test_a_node_without_any_has_no_gap(self):
        self.assertEqual({}, self.looked())

    def test_files_that_nobody_has_looked_at_are_told(self):
        for number in range(secrets._MOST + 1):
            self.write('top/etc/ssl/private/%d' % number, '')
        self.assertEqual({'secrets in /etc/ssl/private': 'many'},
                         self.looked())

    def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(self):
        self.write('top/etc/ssl/private/key', '')
        deep = self.too_deep('top/etc/ssl/private')
        with self.assertRaises(OSError) as caught:
            self.looked()
        self.assertTrue(caught.exception.filename.startswith(deep))

    def test_headers_of_encrypted_disks_and_what_opens_them(self):
        self.write('top/etc/crypttab', (
            '# name device key options\n'
            'data UUID=u none luks,tpm2-device=auto\n'
            'more UUID=v /etc/key luks\n'
            'bad\n'))
        self.write('top/etc/tpm2_pkcs11/store')
        self.assertEqual(
            {'LUKS u': 'luks', 'tpm2-device of data': 'token',
             'TPM': 'token'},
            self.looked({'fstype': 'crypto_LUKS', 'uuid': 'u',
                         'name': 'sdb'}))

    def test_where_barbican_keeps_its_secrets(self):
        place = 'top' + secrets._BARBICAN[1]
        for text, expected in (
                ('enabled_crypto_plugins = simple_crypto', {}),
                ('# enabled_crypto_plugins = p11_crypto', {}),
                ('enabled_crypto_plugins = simple_crypto, p11_crypto',
                 {'Barbican HSM': 'keeper'}),
                ('enabled_secretstore_plugins=kmip_plugin\n'
                 'secret_store_plugin = vault_plugin',
                 {'Barbican KMIP': 'keeper', 'Barbican Vault': 'keeper'})):
            with self.subTest(text):
                self.write(place, '[secretstore]\n%s\n' % text)
                self.assertEqual(expected, self.looked())


class ReportTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        standins.units(self, web__service={})
        standins.scripts(self, lsblk='echo {}')

    def test_without_a_stop_no_service_is_looked_at(self):
        found = report.report({'stopall': False})
        self.assertEqual(['device', 'filesystem', 'path', 'secret',
                          'unanswered'], found['looked'])
        self.assertEqual([('service', '*', 'asked', True)], [
            (one['kind'], one['what'], one['reason'], one['harmless'])
            for one in found['gaps'] if one['kind'] == 'service'])

    def test_what_does_not_answer_is_a_gap_and_not_taken_for_none(self):
        standins.scripts(self, lsblk='echo broken >&2; exit 1')
        found = report.report({'stopall': True})
        self.assertEqual(['filesystem', 'path', 'service', 'unanswered'],
                         found['looked'])
        unanswered = {one['what']: one for one in found['gaps']
                      if one['kind'] == 'unanswered'}
        self.assertEqual({'device', 'secret'}, set(unanswered))
        self.assertIn('lsblk', unanswered['device']['text'])
        self.assertIn('broken', unanswered['device']['text'])

    def test_not_even_what_nobody_has_thought_of_fails_it(self):
        # What is no list of globs cannot be understood.
        found = report.report({'excludes': [7], 'stopall': True})
        self.assertEqual(['service', 'unanswered'], found['looked'])

    def test_two_looks_tell_the_same(self):
        options = {'stopall': True, 'excludes': ['/srv', '*.iso']}
        self.assertEqual(report.report(options), report.report(options))

    def test_of_two_for_one_thing_the_one_that_does_harm_stays(self):
        two = [gaps.gap('path', '/a', 'x', 'X.', harmless)
               for harmless in (True, False, True)]
        self.assertEqual([two[1]], gaps.merged(two))

    def test_odd_names_are_told_as_text(self):
        self.assertEqual('/a\\n\\udcff', gaps.gap(
            'path', '/a\n\udcff', 'x', 'X.')['what'])

    def test_a_check_tells_it_with_or_without_problems(self):
        try:
            result = check.check(self.asked('check', stopall=False,
                                            excludes=['*.iso']))
        except errors.NodeError as error:
            result = error.result
        self.assertIn('*.iso', [one['what'] for one
                                in result['coverage']['gaps']])

    def test_the_program_as_it_is_pushed_tells_it(self):
        _, said = self.call('check', '--epoch', '1', stopall=False,
                            excludes=['*.iso'])
        self.assertIn('*.iso', [
            one['what'] for one in said['result']['coverage']['gaps']])
