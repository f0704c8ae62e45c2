# SPDX-License-Identifier: Apache-2.0
"""Modules for WSGI servers."""
from baas import threads

# Before anything imports oslo.messaging.
threads.choose()
