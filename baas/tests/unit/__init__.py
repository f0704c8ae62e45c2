# SPDX-License-Identifier: Apache-2.0
"""Logic without mocks."""
