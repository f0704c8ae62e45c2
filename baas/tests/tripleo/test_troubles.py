# SPDX-License-Identifier: Apache-2.0
"""Surroundings that are not as they should be: refused by name before anything
rests, or left as they were found."""
from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab
from baas.tests.tripleo import containers

setUpModule = test_lab.setUpModule
NODE = 'controller-2'
# Units and Pacemaker go on to have theirs: what asks is a program in Python.
_HANGS = '''set -e
cp /usr/bin/podman /usr/local/libexec/podman-itself
cat >/usr/local/libexec/podman-hangs <<'END'
#!/bin/bash
[ "$(cat /proc/$PPID/comm)" != python3 ] || exec sleep infinity
exec -a /usr/bin/podman /usr/local/libexec/podman-itself "$@"
END
chmod 755 /usr/local/libexec/podman-hangs
mount --bind /usr/local/libexec/podman-hangs /usr/bin/podman
'''
_ANSWERS = '''set -e
umount /usr/bin/podman
rm /usr/local/libexec/podman-itself /usr/local/libexec/podman-hangs
'''
_UNITS = '[quiesce]\nunits = tripleo_*.service podman:restarts_*\n'
_POLICIES = ('always', 'on-failure', 'unless-stopped')
_RUN = '''podman run --detach --name restarts_{0} --restart={0} --net=none \\
    {1} sh -c 'trap "exit 3" TERM; while :; do sleep 0.2; done' '''
_STARTED = "podman inspect --format '{{.State.StartedAt}}' " + ' '.join(
    f'restarts_{policy}' for policy in _POLICIES)
_IMAGE = ("$(podman inspect --format '{{.ImageName}}' started_by_hand)")
_FILL = '''set -e
free=$(df --output=avail -B1 / | tail -n 1)
fallocate -l $((free - (64 << 20))) /var/filled
sync
'''
# What hangs has asked a file system of which nobody serves the files: no
# signal reaches it, and no freeze, until that is cut off.
_HANG = '''set -e
[ -e /dev/fuse ] || mknod /dev/fuse c 10 229
mkdir -p /run/hung
cat >/usr/local/libexec/hang <<'END'
import ctypes, os, time
fuse = os.open('/dev/fuse', os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b'hung', b'/run/hung', b'fuse', 0, b'fd=%d,rootmode=040000,'
              b'user_id=0,group_id=0' % fuse):
    raise OSError(ctypes.get_errno(), 'no FUSE')
time.sleep(3600)
END
systemd-run --quiet --unit=hung python3 /usr/local/libexec/hang
until grep -q ' /run/hung ' /proc/mounts; do sleep 0.2; done
pid=$(podman inspect --format '{{.State.Pid}}' memcached)
group=$(sed -n 's/^0:://p' /proc/$pid/cgroup)
systemd-run --quiet --unit=hangs sh -c "echo 0 >/sys/fs/cgroup$group/\
cgroup.procs; exec cat /run/hung/file"
'''
_SERVE = '''
systemctl stop hung hangs
systemctl reset-failed hangs
umount -l /run/hung
rm -r /run/hung /usr/local/libexec/hang
'''
_EXTRA = '''set -e
podman start started_by_hand >/dev/null
podman commit -q started_by_hand localhost/extra:1
cat >/etc/systemd/system/tripleo_extra.service <<'END'
[Service]
ExecStart=podman run --rm --name extra --net=none localhost/extra:1 sleep 3600
ExecStop=podman stop --time 1 extra
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable -q --now tripleo_extra
until podman ps --format '{{.Names}}' | grep -qx extra; do sleep 0.2; done
podman untag localhost/extra:1
'''
_NO_EXTRA = '''
systemctl disable -q --now tripleo_extra
rm -f /etc/systemd/system/tripleo_extra.service
systemctl daemon-reload
systemctl reset-failed tripleo_extra
podman image prune --force
'''
_VOLUME = 'crm_resource --resource openstack-cinder-volume --meta '


class TestTroubles(test_lab.LabTest):

    def test_an_engine_that_hangs_is_named_and_nothing_rests(self):
        before = containers.states()
        machines.on(NODE, _HANGS)
        try:
            job = test_lab.service.backup(stopall='yes')
        finally:
            machines.on(NODE, _ANSWERS)
        self.assertEqual(('error', 'check', NODE), (
            job['state'], job['error']['step'], job['error']['node']))
        self.assertRegex(job['error']['cause'], 'podman.*no answer within')
        self.assertEqual(before, containers.states())
        self.assert_well()

    def test_containers_that_restart_by_themselves_rest_and_come_back(self):
        for policy in _POLICIES:
            self.addCleanup(machines.on, NODE,
                            f'podman rm --force --time 1 restarts_{policy}')
            machines.on(NODE, _RUN.format(policy, _IMAGE))
        before = containers.states()
        self.addCleanup(test_lab.service.restart)
        for mode in ('stop', 'freeze'):
            with self.subTest(mode):
                test_lab.service.restart(mode=mode, more=_UNITS)
                started = machines.on(NODE, _STARTED).splitlines()
                job = test_lab.service.backup(stopall='yes')
                self.assert_done(job)
                self.assert_well()
                self.assertEqual(before, containers.states())
                # What was frozen goes on as it was.
                self.assertEqual([mode == 'freeze'] * 3, [
                    was == now for was, now in zip(
                        started, machines.on(NODE, _STARTED).splitlines())])

    def test_a_bundle_that_does_not_run_is_not_started(self):
        words = _VOLUME + '--set-parameter target-role --parameter-value '
        self.addCleanup(self.assert_well)
        self.addCleanup(machines.on, NODE, words + 'Started')
        machines.on(NODE, f'{words} Stopped && crm_resource --wait')
        before = containers.states()
        self.assertNotIn('cinder', ''.join(before.values()))
        job = test_lab.service.backup(stopall='yes')
        self.assert_done(job)
        self.assertEqual(before, containers.states())
        self.assert_no_leftovers()

    def test_a_full_disk_is_named_and_nothing_rests(self):
        before = containers.states()
        self.addCleanup(machines.on, NODE, 'rm -f /var/filled; sync')
        machines.on(NODE, _FILL)
        job = test_lab.service.backup(stopall='yes')
        self.assertEqual(('error', 'check', NODE), (
            job['state'], job['error']['step'], job['error']['node']))
        self.assertRegex(job['error']['cause'], r'/var/lib has \d+ MiB free')
        self.assertEqual(before, containers.states())
        self.assert_no_leftovers()

    def test_a_container_that_does_not_freeze_is_named_and_all_goes_on(self):
        before = containers.states()
        self.addCleanup(test_lab.service.restart)
        test_lab.service.restart(mode='freeze')
        self.addCleanup(machines.on, NODE, _SERVE)
        machines.on(NODE, _HANG)
        job = test_lab.service.backup(stopall='yes')
        self.assertEqual(('error', 'snapshot', NODE), (
            job['state'], job['error']['step'], job['error']['node']))
        self.assertRegex(job['error']['cause'],
                         'Not quiesced in time: tripleo_memcached')
        self.assert_well()
        self.assertEqual(before, containers.states())

    def test_an_image_that_is_gone_at_the_restore_is_told_by_its_unit(self):
        self.addCleanup(machines.on, NODE, _NO_EXTRA, check=False)
        machines.on(NODE, _EXTRA)
        self.assert_done(test_lab.service.backup())
        services.lab('wreck', NODE)
        job = test_lab.service.restore_lost(NODE)
        self.assertEqual(('error', 'check', NODE), (
            job['state'], job['error']['step'], job['error']['node']))
        self.assertIn('tripleo_extra.service is failed (exit-code 125)',
                      job['error']['cause'])
        machines.on(NODE, _NO_EXTRA)
        containers.start(NODE, 'started_by_hand')
        self.assert_well()
