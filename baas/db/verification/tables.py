# SPDX-License-Identifier: Apache-2.0
"""The tables of verification."""
import sqlalchemy as sa

from baas.db import models


class StoredObject(models.Base):
    """What was read back of the storage, and when."""
    __tablename__ = 'stored_objects'
    __table_args__ = (
        sa.UniqueConstraint('node', 'name', name='uniq_stored_objects'),
        models.Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    node = sa.Column(sa.String(255), nullable=False)
    name = sa.Column(sa.String(255), nullable=False)
    """Its name in the storage."""
    size_bytes = sa.Column(sa.BigInteger, nullable=False)
    read_at = sa.Column(models.Timestamp(), nullable=False)
    fault = sa.Column(sa.Text)
    """What was wrong with it then; NULL when nothing was."""


class VerificationDay(models.Base):
    """A day on which a share of a target is read back by itself."""
    __tablename__ = 'verification_days'

    target = sa.Column(sa.String(16), primary_key=True)
    day = sa.Column(sa.Date, primary_key=True)
    job_id = sa.Column(sa.String(36), nullable=False)
