# SPDX-License-Identifier: Apache-2.0
"""What a job is: its states, its plan, how a request becomes one."""
