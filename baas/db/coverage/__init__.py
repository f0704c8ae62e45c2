# SPDX-License-Identifier: Apache-2.0
"""What sets do not hold."""
