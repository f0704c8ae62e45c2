# SPDX-License-Identifier: Apache-2.0
"""What a purge has of its own."""
