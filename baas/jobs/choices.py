# SPDX-License-Identifier: Apache-2.0
"""What requests choose from."""

TARGETS = ('undercloud', 'overcloud')
HEALTHY_MEMBER, OTHER_MACHINE = FORCE = ('healthy-member', 'other-machine')
"""What a restore does only when its request says so in words: overwrite a
node that is a healthy member of its cluster, make one machine another."""
