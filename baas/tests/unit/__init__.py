# SPDX-License-Identifier: Apache-2.0
"""Logic without mocks."""
import hypothesis

# How fast the machine is says nothing about what is tested: it may be busy.
hypothesis.settings.register_profile(
    'busy', deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile('busy')
