# SPDX-License-Identifier: Apache-2.0
"""Modules for WSGI servers."""
