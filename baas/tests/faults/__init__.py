# SPDX-License-Identifier: Apache-2.0
"""What takes long to break and to mend on the container lab."""
