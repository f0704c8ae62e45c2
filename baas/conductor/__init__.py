# SPDX-License-Identifier: Apache-2.0
"""Takes jobs from the queue and carries them out to their end."""
from baas import threads

# Before anything imports oslo.messaging.
threads.choose()
