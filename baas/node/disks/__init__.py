# SPDX-License-Identifier: Apache-2.0
"""Disks, volumes and file systems."""
