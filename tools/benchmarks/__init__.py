# SPDX-License-Identifier: Apache-2.0
"""What tools/bench measures: one file a figure."""
