# SPDX-License-Identifier: Apache-2.0
"""What is measured of a backup while it is taken: each is in its manifest and
is a column of it (:class:`baas.db.models.Backup`), under one name."""

PAYLOAD = {'size_bytes': int, 'files': int, 'stored_bytes': int}
"""Of what is stored, as the verb ``capture`` tells it: types by names."""
OUTAGE = {'outage_seconds': (int, float), 'service_outages': dict}
"""Of its quiesce, see :func:`baas.jobs.outage.of_node`."""
