# SPDX-License-Identifier: Apache-2.0
"""Where backups live: one driver a kind, one contract for all."""
