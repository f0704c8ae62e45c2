# SPDX-License-Identifier: Apache-2.0
"""Behaviour on real machines: the container lab."""
