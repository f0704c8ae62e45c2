# SPDX-License-Identifier: Apache-2.0
"""Mirrors baas/api where there is logic of its own."""
