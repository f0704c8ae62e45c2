# SPDX-License-Identifier: Apache-2.0
"""What the program says that it has read, taken down while it reads."""
import json

from baas.db.verification import memory


class ReadLog:
    """The log of one node; whoever dies loses the last seconds of it.

    :param node: name of the node.
    :param path: the file that the program adds lines to
        (:class:`pathlib.Path`).
    """

    def __init__(self, node, path):
        self._node, self._path, self._seen = node, path, 0

    def take_down(self):
        """Write what is new into the database."""
        try:
            with open(self._path, 'rb') as file:
                file.seek(self._seen)
                new = file.read()
        except FileNotFoundError:
            return
        # The last line may be half written.
        whole = new[:new.rfind(b'\n') + 1]
        read, gone = {}, []
        for line in map(json.loads, whole.splitlines()):
            if 'gone' in line:
                gone.append(line['gone'])
            else:
                read[line['name']] = (line['size'], line['fault'])
        memory.remember(self._node, read, gone)
        self._seen += len(whole)
