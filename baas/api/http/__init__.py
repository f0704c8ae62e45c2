# SPDX-License-Identifier: Apache-2.0
"""Hears requests over HTTP in this process, where no server of WSGI does."""
