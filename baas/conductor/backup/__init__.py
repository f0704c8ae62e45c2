# SPDX-License-Identifier: Apache-2.0
"""Backups: what their steps are told, and what is learnt from them."""
