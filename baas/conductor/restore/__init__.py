# SPDX-License-Identifier: Apache-2.0
"""Restores: what their steps are told, and what is learnt from them."""
