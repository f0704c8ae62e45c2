# SPDX-License-Identifier: Apache-2.0
"""Backup as a Service for OpenStack control planes."""
