# SPDX-License-Identifier: Apache-2.0
"""What a set does not hold, and what of that is new."""
