# SPDX-License-Identifier: Apache-2.0
"""A member of OVN's Raft is lost and comes back, among real servers."""
import json
import os
import pathlib
import shutil
import tempfile
import time
import unittest

from baas.node.cluster import ovn
from baas.node import errors
from baas.node.restore import raft_file
from baas.node.restore import reset_state
from baas.tests.integration import process

NAME = 'OVN_Northbound'
JOB = '0f3a8a5e-0000-4000-8000-000000000000'


class Member:
    """A node with a server of the northbound database.

    :ivar root: top of its tree.
    """

    def __init__(self, top, number, port):
        self.root = top / f'node-{number}'
        self.run = self.root / 'run'
        self.run.mkdir(parents=True)
        self.file = self.root / 'var/lib/ovn/ovnnb_db.db'
        self.file.parent.mkdir(parents=True)
        self.address = f'tcp:127.0.0.1:{port}'
        self.server = None

    def start(self):
        """Run the server; it has a file."""
        socket = self.run / ovn.DATABASES[NAME]
        self.server = process.Process(self.root.name, [
            'ovsdb-server', f'--remote=punix:{socket}', '--unixctl',
            self.run / 'ovnnb_db.ctl', self.file], self.root).start()
        self.server.wait_until(socket.exists, f'{self.root.name} serves')

    def ask(self, *operations):
        """Change the database; None while the cluster does not let that."""
        said = process.run([
            'ovsdb-client', '--no-leader-only', '--timeout=10', 'transact',
            f'unix:{self.run / ovn.DATABASES[NAME]}',
            json.dumps([NAME, *operations])])
        return json.loads(said)[0]

    def add(self, name):
        """Write a switch."""
        self.ask({'op': 'insert', 'table': 'Logical_Switch',
                  'row': {'name': name}})

    def names(self):
        """Read the switches, as this member has them (set)."""
        return {row['name'] for row in self.ask({
            'op': 'select', 'table': 'Logical_Switch', 'where': [],
            'columns': ['name']})['rows']}


class RaftTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        top = pathlib.Path(tempfile.mkdtemp(prefix='baas-ovn-'))
        self.addCleanup(shutil.rmtree, top, True)
        self.addCleanup(setattr, ovn, 'FOLDERS', ovn.FOLDERS)
        self.members = [Member(top, number, process.free_port())
                        for number in range(3)]
        first = self.members[0]
        process.run(['ovsdb-tool', 'create-cluster', first.file,
                     '/usr/share/ovn/ovn-nb.ovsschema', first.address])
        for member in self.members:
            if member is not first:
                process.run(['ovsdb-tool', 'join-cluster', member.file, NAME,
                             member.address, first.address])
            self.start(member)
        first.add('before')

    def start(self, member):
        member.start()
        self.addCleanup(member.server.stop)
        self.wait_for(member, lambda one: one['leader'])

    def on(self, member):
        """Be the node program of a member."""
        ovn.FOLDERS = (str(member.run),)

    def wait_for(self, member, wanted):
        self.on(member)
        until = time.monotonic() + 60
        while not (NAME in ovn.members() and wanted(ovn.members()[NAME])):
            self.assertLess(time.monotonic(), until, ovn.members())
            time.sleep(0.1)

    def lose(self, member):
        """Have nothing of a member but what a backup had of its file."""
        kept = member.file.read_bytes()
        os.chmod(member.file, 0o640)
        os.chown(member.file, 1234, 4321)
        self.members[0].add('since')
        member.server.kill()
        member.server.stop()
        shutil.rmtree(member.run)
        member.run.mkdir()
        member.file.write_bytes(kept)

    def test_all_members_are_told_by_each(self):
        found = []
        for member in self.members:
            self.wait_for(member, lambda one: len(one['servers']) == 3)
            found.append(ovn.members()[NAME])
        self.assertEqual(1, len({one['cluster_id'] for one in found}))
        self.assertEqual(sorted(one.address for one in self.members),
                         sorted(found[0]['servers'].values()))

    def test_one_that_is_lost_joins_anew_and_the_old_one_is_forgotten(self):
        *living, lost = self.members
        self.lose(lost)
        self.on(living[1])
        joined = reset_state.forget_raft(str(lost.root), JOB, ovn.members())
        self.assertEqual([(NAME, lost.address, '/var/lib/ovn/ovnnb_db.db')],
                         [(one['name'], one['address'], one['path'])
                          for one in joined])
        # Again, as by a restore that was broken off: the old file stays.
        [joined] = reset_state.forget_raft(str(lost.root), JOB, ovn.members())
        aside = f'{lost.file}.baas-{JOB[:8]}'
        old, new = raft_file.read(aside), raft_file.read(lost.file)
        self.assertIn('prev_servers', old)
        self.assertNotEqual(old['server_id'], new['server_id'])
        self.assertEqual(joined['server_id'], new['server_id'])
        self.assertEqual((0o640, 1234, 4321), (
            os.stat(lost.file).st_mode & 0o777, os.stat(lost.file).st_uid,
            os.stat(lost.file).st_gid))
        # A member that does not lead has the leader remove it.
        self.remove(joined)
        self.assertNotIn(lost.address, ovn.members()[NAME]['servers'].values())
        self.remove(joined)
        self.start(lost)
        self.assertEqual({'before', 'since'}, lost.names())
        # It stays although it has the address, as when a step is repeated.
        self.on(living[1])
        self.remove(joined)
        for member in self.members:
            self.wait_for(member, lambda one: len(one['servers']) == 3)

    def remove(self, joined):
        self.assertTrue(ovn.remove_member(NAME, joined['address'],
                                          joined['server_id']))

    def test_a_cluster_without_a_leader_is_not_joined_and_removes_nobody(
            self):
        first, *others = self.members
        for member in others:
            member.server.stop()
        self.wait_for(first, lambda one: not one['leader'])
        time.sleep(3)  # it has tried to lead meanwhile
        self.assertFalse(ovn.members()[NAME]['leader'])
        self.addCleanup(setattr, ovn, '_REMOVAL', ovn._REMOVAL)
        ovn._REMOVAL = 2
        with self.assertRaises(errors.NodeError) as caught:
            ovn.remove_member(NAME, others[0].address, 'heir')
        self.assertIn(others[0].address, caught.exception.cause)

    def test_one_that_hangs_is_unknown_and_one_that_has_ended_is_none(self):
        member = self.members[2]
        self.addCleanup(setattr, ovn, '_ANSWER', ovn._ANSWER)
        ovn._ANSWER = 1
        self.on(member)
        member.server.pause()
        with self.assertRaises(errors.Unknown) as caught:
            ovn.members()
        self.assertIn('ovs-appctl', caught.exception.cause)
        member.server.go_on()
        member.server.kill()
        self.assertTrue((member.run / ovn.DATABASES[NAME]).exists())
        self.assertEqual({}, ovn.members())

    def test_a_node_that_serves_nothing_has_nobody_to_forget(self):
        self.on(self.members[0])
        self.assertFalse(ovn.remove_member(
            'OVN_Southbound', self.members[1].address, 'heir'))

    def test_a_database_of_its_own_is_no_member_and_is_left_alone(self):
        lost = self.members[2]
        lost.server.stop()
        shutil.rmtree(lost.run)
        lost.run.mkdir()
        lost.file.unlink()
        process.run(['ovsdb-tool', 'create', lost.file,
                     '/usr/share/ovn/ovn-nb.ovsschema'])
        lost.start()
        self.addCleanup(lost.server.stop)
        self.on(lost)
        self.assertEqual({}, ovn.members())
        before = lost.file.read_bytes()
        self.assertEqual([], reset_state.forget_raft(
            str(lost.root), JOB, {NAME: {'cluster_id': 'x',
                                         'servers': {}}}))
        self.assertEqual(before, lost.file.read_bytes())
