# SPDX-License-Identifier: Apache-2.0
"""Run one program with words and JSON on its standard input.

A module would start an interpreter of its own on the node before each
program, which takes longer than most of ours do."""
from __future__ import annotations

import json
import shlex

from ansible.plugins import action

_ARGUMENTS = {
    'argv': {'type': 'list', 'elements': 'str', 'required': True},
    'stdin': {'type': 'dict'},
    'removes': {'type': 'path'},
}


class ActionModule(action.ActionBase):
    """Gives rc, stdout and stderr as ``ansible.builtin.command`` does.

    Arguments: argv; stdin (dict, sent as JSON); removes (a path without
    which the program is not run).
    """

    def run(self, tmp=None, task_vars=None):
        """See :meth:`ansible.plugins.action.ActionBase.run`."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(argument_spec=_ARGUMENTS)
        words = shlex.join(given['argv'])
        if given['removes']:
            there = shlex.quote(given['removes'])
            words = f'if [ -e {there} ]; then {words}; fi'
        # Without anything to read a terminal would be asked for, which
        # mixes both outputs.
        text = json.dumps(given['stdin'] or {}).encode()
        result.update(self._low_level_execute_command(words, in_data=text))
        result['changed'] = False
        if result['rc']:
            result.update(failed=True, msg='non-zero return code')
        return result
