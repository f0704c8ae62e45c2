# SPDX-License-Identifier: Apache-2.0
"""See :mod:`baas.db.retention`."""
