# SPDX-License-Identifier: Apache-2.0
"""What the boot method of that name knows of the Bare Metal service."""
