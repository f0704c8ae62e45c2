# SPDX-License-Identifier: Apache-2.0
"""Steps of clean-ups."""
