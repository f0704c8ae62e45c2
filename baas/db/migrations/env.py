# SPDX-License-Identifier: Apache-2.0
"""Run by alembic, inside :mod:`baas.db.migration`."""
from alembic import context

from baas.db import models
from baas.db import session

with session.engine().connect() as _connection:
    # SQLite changes a column by copying its table, which batches do.
    context.configure(
        connection=_connection, target_metadata=models.Base.metadata,
        render_as_batch=_connection.dialect.name == 'sqlite')
    with context.begin_transaction():
        context.run_migrations()
    _connection.commit()
