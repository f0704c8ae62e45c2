# SPDX-License-Identifier: Apache-2.0
"""What the playbook of each step is told and what is learnt from its end:
one file a step, as in playbooks/steps."""
