# SPDX-License-Identifier: Apache-2.0
"""What decides how long sets stay: policies, and sets as they see them."""
