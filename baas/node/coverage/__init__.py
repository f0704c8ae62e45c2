# SPDX-License-Identifier: Apache-2.0
"""What a backup of this node does not hold, and why."""
