# SPDX-License-Identifier: Apache-2.0
"""The HTTP service: one WSGI application, one file a noun under v1."""
