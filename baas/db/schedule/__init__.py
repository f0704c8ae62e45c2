# SPDX-License-Identifier: Apache-2.0
"""Schedules and their runs in the database."""
