# SPDX-License-Identifier: Apache-2.0
"""ReaR, which makes rescue images and rebuilds disks."""
