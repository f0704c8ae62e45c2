# SPDX-License-Identifier: Apache-2.0
"""The list of files of a backup: made, compared, and applied."""
