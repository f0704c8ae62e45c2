# SPDX-License-Identifier: Apache-2.0
"""Take files from a node, as an archive that only the conductor's user can
read: what is in them becomes no part of a result, and so of no log."""
from __future__ import annotations

import base64
import os

from ansible import errors
from ansible.plugins import action

_ARGUMENTS = {
    'src': {'type': 'list', 'elements': 'str', 'required': True},
    'dest': {'type': 'path', 'required': True},
}
_WHOLE = b'whole'  # behind an archive of which nothing is missing
# A glob that means nothing stays as it is, and is no file.
_PACK = '''set -e
cd /
for name in {names}; do
    if [ -f "$name" ]; then printf '%s\\0' "$name"; fi
done | {{
    tar --null --verbatim-files-from -h -cf - -T - && printf '%s' '{whole}'
}} | base64 -w 0
'''


class ActionModule(action.ActionBase):
    """Gives nothing back.

    Arguments: src (list of absolute globs without anything that a shell
    would understand otherwise); dest (path of the archive).
    """

    def run(self, tmp=None, task_vars=None):
        """See :meth:`ansible.plugins.action.ActionBase.run`."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(argument_spec=_ARGUMENTS)
        names = ' '.join(name.lstrip('/') for name in given['src'])
        done = self._low_level_execute_command(
            _PACK.format(names=names, whole=_WHOLE.decode()).strip(),
            in_data=b'\n')
        packed = base64.b64decode(done['stdout']) if not done['rc'] else b''
        if not packed.endswith(_WHOLE):
            raise errors.AnsibleActionFail(
                f'The files could not be read: {done["stderr"][-300:]}')
        descriptor = os.open(given['dest'],
                             os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, 'wb') as file:
            file.write(packed.removesuffix(_WHOLE))
        return {**result, 'changed': False}
