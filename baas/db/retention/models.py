# SPDX-License-Identifier: Apache-2.0
"""The tables of clean-ups, beside those of :mod:`baas.db.models`."""
import sqlalchemy as sa

from baas.db import models


class Cleanup(models.Base):
    """Which sets of a target stay: a policy of clean-ups."""
    __tablename__ = 'cleanups'

    id = sa.Column(sa.String(36), primary_key=True)
    name = sa.Column(sa.String(255))
    target = sa.Column(sa.String(16), nullable=False, unique=True)
    (minimum, keep_last, keep_hourly, keep_daily, keep_weekly, keep_monthly,
     keep_yearly) = (sa.Column(sa.Integer, nullable=False) for _ in range(7))
    keep_within = sa.Column(sa.String(8))
    timezone = sa.Column(sa.String(64), nullable=False)
    revision = sa.Column(sa.Integer, nullable=False)
    created_at = sa.Column(models.Timestamp(), nullable=False)
    updated_at = sa.Column(models.Timestamp(), nullable=False)
