# SPDX-License-Identifier: Apache-2.0
"""A set that can be restored, for tests of its restore."""
import datetime
import uuid

from oslo_config import cfg
import sqlalchemy as sa

from baas.db import models
from baas.db import session
from baas import keys
from baas.requests import restores
from baas.storage import driver as storage
from baas.storage import manifest
from baas.tests.conductor import base
from baas.tests import fixtures

NODES = ('controller-0', 'controller-1', 'controller-2')
LAYOUT = {'boot': 'uefi', 'cards': [
    {'name': 'eno1', 'mac': '52:54:00:00:00:0a', 'slot': '0000:00:03.0'}],
    'disks': [
    {'name': '/dev/sda', 'size': 60 << 30, 'needed': 52 << 30, 'sector': 512,
     'wwn': '', 'serial': '', 'path': '', 'drivers': [], 'marks': [],
     'partitions': []}], 'filesystems': [
    {'mountpoint': '/', 'fstype': 'xfs', 'device': '/dev/sda3',
     'size': 50 << 30, 'used': 7 << 30},
    {'mountpoint': '/boot', 'fstype': 'ext4', 'device': '/dev/sda2',
     'size': 1 << 30, 'used': 1 << 28}]}


class PlanTest(base.ConductorTest):
    """Has a set, and a rescue system on each node that runs already."""

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='boot', method='ssh')
        # Nothing here is about claims, and machines may be slow.
        self.service.conf.config(group='conductor', lease=120)
        self.set_id = str(uuid.uuid4())
        self.ids = {node: fixtures.add_backup(
            node=node, set_id=self.set_id, size_bytes=10 ** 9)
            for node in NODES}
        for node in NODES:
            self.sign(node)

    def sign(self, node):
        """Store the manifest of a node's backup."""
        key = keys.load(cfg.CONF.payload.key_file)
        about = {'backup': self.ids[node], 'cloud': key.cloud,
                 'set': self.set_id, 'name': 'nightly',
                 'target': 'overcloud', 'node': node, 'created': '',
                 'stopall': False, 'quiesce_mode': 'none',
                 'quiesced': [], 'outage_seconds': 0.0, 'service_outages': {},
                 'versions': {}}
        manifest.write(
            storage.load(cfg.CONF, key.cloud), key,
            manifest.build(about, {
                **base.CAPTURED, 'kind': 'restic', 'disk_bytes': 2000,
                'layout': {**LAYOUT, 'hostname': node}}))

    def restored(self, node='controller-0', whole=100, recover=60):
        """Write a restore that went well; give its id."""
        begun = datetime.datetime(2026, 1, 1)
        id = fixtures.add_job(
            kind='restore', node=node, backup_id=self.ids[node],
            finished_at=begun + datetime.timedelta(seconds=whole))
        with session.writer() as connection:
            connection.execute(sa.insert(models.Step).values(
                job_id=id, position=3, name='recover', state='done',
                percent=100, nodes={}, started_at=begun,
                finished_at=begun + datetime.timedelta(seconds=recover)))
        return id

    def plan(self, node='controller-0', **story):
        """Plan the restore of a node; give the job."""
        self.scenario({'plan': story or {'*': {}}})
        return self.run_job(restores.restore(self.ids[node], node, plan=True))
