# SPDX-License-Identifier: Apache-2.0
"""Our own service for a benchmark: a process with a folder of its own."""
import datetime
import json
import pathlib
import sys
import uuid

import sqlalchemy as sa

from baas.db import models
from baas.tests.integration import process
from baas.tests.integration import service

PROGRAMS = pathlib.Path(sys.executable).parent
BACKUPS = models.Backup.__table__
_EPOCH = datetime.datetime(2030, 1, 1)


class Standalone:
    """baas-standalone, or baas-api alone, on SQLite with http_basic.

    :param folder: where everything goes (:class:`pathlib.Path`).
    :param program: name of the program.
    :param more: further text of the configuration.
    """

    def __init__(self, folder, program='baas-standalone', more=''):
        folder.mkdir(exist_ok=True)
        self.folder, self.port = folder, process.free_port()
        inventory = folder / 'inventory.json'
        inventory.write_text(json.dumps({'Controller': {'hosts': {
            'controller-0': {'ansible_host': '127.0.0.1'}}}}))
        (folder / 'storage').mkdir(exist_ok=True)
        self.configuration = folder / 'baas.conf'
        self.configuration.write_text(
            f'[DEFAULT]\nstate_path = {folder}\n'
            f'[api]\nbind_port = {self.port}\n'
            + (more or f'[runner]\ninventory = {inventory}\n'
                       f'[targets]\nown_machine = overcloud\n'
                       f'[payload]\nrestic = {service.RESTIC}\n'
                       f'[storage_file]\npath = {folder / "storage"}\n'))
        self.process = process.Process(
            program, [PROGRAMS / program, '--config-file',
                      self.configuration], folder,
            process.environment(HOME=str(folder)))

    @property
    def rc(self):
        """The file to source (:class:`pathlib.Path`)."""
        return self.folder / 'baasrc'

    def start(self):
        """Start it, and wait until it listens; give itself."""
        self.process.start().wait_until(
            lambda: process.answers(self.port), 'the service listens')
        return self

    def password(self):
        """Give the password that the service has made (str)."""
        return self.rc.read_text().rsplit('OS_PASSWORD=', 1)[1].strip()

    def fill(self, rows):
        """Write backups into the database of the stopped service.

        :returns: id of the backup after which the last page of 100 begins.
        """
        engine = sa.create_engine(f'sqlite:///{self.folder}/baas.sqlite')
        with engine.begin() as connection:
            for start in range(0, rows, 10000):
                connection.execute(sa.insert(BACKUPS), [
                    _backup(number) for number in
                    range(start, min(start + 10000, rows))])
            marker = connection.execute(
                sa.select(BACKUPS.c.id).order_by(
                    BACKUPS.c.created_at.desc(), BACKUPS.c.id.desc())
                .offset(rows - 101).limit(1)).scalar()
        engine.dispose()
        return marker


def _backup(number):
    return {'id': str(uuid.uuid4()),
            'set_id': str(uuid.UUID(int=number // 3)), 'name': 'nightly',
            'target': 'overcloud', 'node': f'controller-{number % 3}',
            'status': 'available', 'stopall': True, 'payload': 'restic',
            'created_at': _EPOCH + datetime.timedelta(minutes=number // 3),
            'location_url': 'sftp://baas@storage-0:22/srv/backup/'
                            f'controller-{number % 3}',
            'snapshot': 'f' * 64, 'manifest_sha256': 'e' * 64,
            'size_bytes': 10 ** 10 + number, 'stored_bytes': 10 ** 8,
            'files': 250000, 'outage_seconds': 4.2,
            'verified_at': _EPOCH}
