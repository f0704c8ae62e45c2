# SPDX-License-Identifier: Apache-2.0
"""Configuration: one file a section."""
