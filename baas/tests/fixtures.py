# SPDX-License-Identifier: Apache-2.0
"""The service in process, for tests of it and of its client."""
import atexit
import datetime
import functools
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import uuid

import bcrypt
import fixtures
from oslo_config import cfg
from oslo_config import fixture as config_fixture
from oslo_db.sqlalchemy import enginefacade
import oslo_messaging
import sqlalchemy as sa

from baas.api import app
from baas.api.http import server
from baas.api import policy
from baas.conf import opts
from baas.db import migration
from baas.db import models
from baas.db.retention import models as retention
from baas.db.schedule import tables
from baas.db import session
from baas import keys
from baas.requests import messaging
from baas.schedules import timing

USER, PASSWORD = 'admin', 'secret'
NODES = {'undercloud-0': 'Undercloud', 'controller-0': 'Controller',
         'controller-1': 'Controller', 'controller-2': 'Controller'}
BAREMETAL = {name: str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
             for name in NODES}


@functools.cache
def _shared():
    """Make what does not differ between tests; a password costs time, and
    so does reading an inventory, which is remembered by its path."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-tests-'))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    lines = ['all:', '  children:']
    for group in sorted(set(NODES.values())):
        lines += [f'    {group}:', '      hosts:']
        for name in [n for n in NODES if NODES[n] == group]:
            lines += [f'        {name}:',
                      f'          baremetal_uuid: {BAREMETAL[name]}',
                      f'          baremetal_name: metal-{name}']
    (folder / 'inventory.yaml').write_text('\n'.join(lines) + '\n')
    crypted = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (folder / 'htpasswd').write_text(f'{USER}:{crypted}\n')
    return folder


class BaasFixture(fixtures.Fixture):
    """The whole API over a SQLite file and a folder as storage. No conductor
    listens: jobs stay queued.

    :ivar application: the WSGI application.
    :ivar folder: where database and storage are (pathlib.Path).

    :param auth: ``[api] auth_strategy``; for ``http_basic`` the user is
        :data:`USER` with :data:`PASSWORD`.
    :param options: further options, as {(section, name): value}.
    """
    def __init__(self, auth='http_basic', options=None):
        super().__init__()
        self._auth = auth
        self._options = options or {}

    def _setUp(self):
        # The virtual environment's ansible-inventory, activated or not.
        self.useFixture(fixtures.EnvironmentVariable('PATH', os.pathsep.join(
            [str(pathlib.Path(sys.executable).parent), os.environ['PATH']])))
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._configure()
        # The engine of another test must not be met again.
        self.useFixture(fixtures.MonkeyPatch(
            'baas.db.session._facade', enginefacade.transaction_context()))
        messaging._client.cache_clear()
        policy.get_enforcer.cache_clear()
        session.configure(cfg.CONF)
        self.addCleanup(lambda: session.engine().dispose())
        self._migrate()
        self.application = app.build(cfg.CONF)

    def _migrate(self):
        """Bring the schema up. The first of a process goes through all
        migrations; the next begin with a copy of what that has made."""
        first, own = _shared() / 'baas.sqlite', self.folder / 'baas.sqlite'
        if first.exists():
            shutil.copy(first, own)
        migration.upgrade()
        if own.exists() and not first.exists():
            session.engine().dispose()  # so that all of it is in the file
            shutil.copy(own, first)

    def _configure(self):
        opts.register(cfg.CONF)
        self.conf = self.useFixture(config_fixture.Config(cfg.CONF))
        self.conf.conf([], project='baas', default_config_files=[],
                       default_config_dirs=[])
        # In one process, with a queue that nobody reads.
        oslo_messaging.TransportURL.parse(cfg.CONF, 'kombu+memory://')
        self.conf.config(transport_url='kombu+memory://')
        storage = self.folder / 'storage'
        storage.mkdir()
        values = {('DEFAULT', 'state_path'): str(self.folder),
                  ('database', 'connection'):
                      f'sqlite:///{self.folder}/baas.sqlite',
                  ('api', 'auth_strategy'): self._auth,
                  ('api', 'http_basic_auth_user_file'):
                      str(_shared() / 'htpasswd'),
                  ('runner', 'inventory'): str(_shared() / 'inventory.yaml'),
                  # A busy machine may take a minute for a second's work.
                  ('runner', 'inventory_timeout'): 600,
                  ('storage', 'driver'): 'file',
                  ('storage_file', 'path'): str(storage), **self._options}
        for (section, name), value in values.items():
            self.conf.config(group=None if section == 'DEFAULT' else section,
                             **{name: value})
        if not keys.exists(cfg.CONF.payload.key_file):
            keys.create(cfg.CONF.payload.key_file)

    def serve(self):
        """Serve on a free port of the loopback until the test ends.

        :returns: URL, without a slash at the end.
        """
        http = server.build(self.application, cfg.CONF, port=0)
        http.prepare()
        thread = threading.Thread(target=http.serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)
        self.addCleanup(http.stop)
        return 'http://{}:{}'.format(*http.bind_addr[:2])


def add_backup(**columns):
    """Write a backup; what is not given is made up.

    :returns: its id.
    """
    number = columns.pop('number', 0)
    row = {'id': str(uuid.uuid4()), 'set_id': str(uuid.uuid4()),
           'name': 'nightly', 'target': 'overcloud', 'node': 'controller-0',
           'status': 'available', 'stopall': False,
           'created_at': datetime.datetime(2026, 1, 1)
           + datetime.timedelta(minutes=number),
           'location_url': 'file:///backup/controller-0', 'payload': 'restic',
           'size_bytes': 10 ** 10, 'stored_bytes': 10 ** 8, 'files': 200000,
           'outage_seconds': 2.5, 'verified_at': None, **columns}
    return _insert(models.Backup, row)


def add_job(**columns):
    """Write a job that has ended; what is not given is made up.

    :returns: its id.
    """
    number = columns.pop('number', 0)
    begun = (datetime.datetime(2026, 1, 1)
             + datetime.timedelta(minutes=number))
    row = {'id': str(uuid.uuid4()), 'kind': 'backup', 'state': 'done',
           'target': 'overcloud', 'options': {'stopall': False}, 'epoch': 1,
           'created_at': begun, 'started_at': begun, 'finished_at': begun,
           **columns}
    return _insert(models.Job, row)


def add_schedule(**columns):
    """Write a schedule; what is not given is made up.

    :returns: its id.
    """
    begun = datetime.datetime(2026, 1, 1)
    row = {'id': str(uuid.uuid4()), 'target': 'overcloud', 'stopall': False,
           'cron': '0 1 * * *', 'timezone': 'UTC', 'window_minutes': 60,
           'jitter_seconds': 0, 'missed': 'once', 'enabled': True,
           'revision': 1, 'seen_at': begun, 'created_at': begun,
           'updated_at': begun, 'user_id': 'keeper',
           'request_id': 'req-of-the-keeper', **columns}
    row.setdefault('timing_key', timing.Timing(
        row['cron'], row['timezone']).key)
    return _insert(tables.Schedule, row)


def add_cleanup(**columns):
    """Write a policy of clean-ups; what is not given is made up.

    :returns: its id.
    """
    begun = datetime.datetime(2026, 1, 1)
    row = {'id': str(uuid.uuid4()), 'name': 'usual', 'target': 'overcloud',
           'minimum': 1, 'timezone': 'UTC', 'revision': 1,
           'created_at': begun, 'updated_at': begun, 'keep_last': 2,
           **dict.fromkeys(('keep_hourly', 'keep_daily', 'keep_weekly',
                            'keep_monthly', 'keep_yearly'), 0), **columns}
    return _insert(retention.Cleanup, row)


def _insert(model, row):
    with session.writer() as connection:
        connection.execute(sa.insert(model.__table__).values(**row))
    return row['id']
