# SPDX-License-Identifier: Apache-2.0
"""Ways in which a machine gets its rescue system, one file each."""
