# SPDX-License-Identifier: Apache-2.0
"""What Ansible calls unreachable, and what of that is a machine that gives no
answer: one that refuses, or has another key, is there."""
import re

_SILENT = ('(?:Connection timed out|Operation timed out|No route to host'
           '|Host is down|Network is unreachable)')
_NODE = re.compile(rf'connect to host \S+ port \d+: {_SILENT}')
# What a jump host says of the node; of the jump host itself it proves
# nothing that it gives no answer.
_BEHIND = re.compile(rf'open failed: connect failed: {_SILENT}')
_JUMP = 'UNKNOWN port'
_ANSWERS = ('Connection refused', 'Connection reset', 'Permission denied',
            'verification failed', 'IDENTIFICATION HAS CHANGED',
            'host key is known', 'banner exchange')


def silent(said):
    """Tell whether nothing answers where a node should be.

    :param said: why Ansible could not reach it, as it says it. What is not
        known for sure to be silence is none.
    """
    if any(words in said for words in _ANSWERS):
        return False
    if _BEHIND.search(said):
        return True
    return bool(_NODE.search(said)) and _JUMP not in said
