# SPDX-License-Identifier: Apache-2.0
"""The steps of a backup; its first is also that of a check."""
