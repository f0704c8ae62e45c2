# SPDX-License-Identifier: Apache-2.0
"""What belongs to backups: the labels that they have and are found by."""
