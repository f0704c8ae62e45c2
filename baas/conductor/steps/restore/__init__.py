# SPDX-License-Identifier: Apache-2.0
"""The steps of a restore; its first is also that of a plan."""
