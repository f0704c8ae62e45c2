# SPDX-License-Identifier: Apache-2.0
"""Mirrors baas/conf."""
