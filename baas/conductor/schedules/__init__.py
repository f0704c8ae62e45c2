# SPDX-License-Identifier: Apache-2.0
"""The duty of the sweep that begins scheduled backups."""
