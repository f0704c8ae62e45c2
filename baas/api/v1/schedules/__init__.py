# SPDX-License-Identifier: Apache-2.0
"""What belongs to schedules: what they are made of, their runs, the pause."""
