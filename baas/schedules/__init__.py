# SPDX-License-Identifier: Apache-2.0
"""When scheduled backups begin: rules alone, which know neither database nor
clock."""
