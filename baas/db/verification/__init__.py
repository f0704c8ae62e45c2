# SPDX-License-Identifier: Apache-2.0
"""What verification remembers, and what it has found out."""
