# SPDX-License-Identifier: Apache-2.0
"""Programs that playbooks run on the conductor for what is stored."""
