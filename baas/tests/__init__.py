# SPDX-License-Identifier: Apache-2.0
"""Tests of the service."""
from baas import threads

# Before anything imports oslo.messaging.
threads.choose()
