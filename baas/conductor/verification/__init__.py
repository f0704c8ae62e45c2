# SPDX-License-Identifier: Apache-2.0
"""Verification of what is stored, by request and a share a day."""
