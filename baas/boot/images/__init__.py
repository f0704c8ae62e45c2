# SPDX-License-Identifier: Apache-2.0
"""Images that boot: made, changed, and offered to machines."""
