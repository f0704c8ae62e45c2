# SPDX-License-Identifier: Apache-2.0
"""The duties of the sweep for schedules: runs, what follows them, monitors,
and those that are overdue."""
