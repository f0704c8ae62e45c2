# SPDX-License-Identifier: Apache-2.0
"""The races around the trash on MariaDB, where rows are locked one by one."""
from oslo_db.sqlalchemy import enginefacade

from baas.db import models
from baas.db import session
from baas.tests.integration import mariadb
from baas.tests.integration import process
from baas.tests.integration import service
from baas.tests.unit.db.retention import test_purge


class PurgeTest(test_purge.PurgeTest):
    """The same as on SQLite."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(process.folder())
        cls.database = mariadb.MariaDB(folder)
        cls.addClassCleanup(cls.database.stop)
        cls.database.start()
        service.Service(folder, cls.database.url, 'kombu+memory://',
                        1).manage('db', 'sync')

    def setUp(self):
        super().setUp()
        facade = enginefacade.transaction_context()
        facade.configure(connection=self.database.url)
        self.addCleanup(setattr, session, '_facade', session._facade)
        session._facade = facade
        self.addCleanup(lambda: session.engine().dispose())
        self.assertEqual('mysql', session.engine().dialect.name)
        with session.writer() as connection:
            for table in reversed(models.Base.metadata.sorted_tables):
                connection.execute(table.delete())
