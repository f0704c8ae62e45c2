# SPDX-License-Identifier: Apache-2.0
"""The other end of a terminal that a command writes to."""
import os
import re
import select
import time


class Terminal:
    """What is to be seen on a terminal, as far as progress uses one."""

    def __init__(self, file):
        self._file = file
        self.lines, self._row, self._rest = [], 0, ''

    def read_until(self, text):
        """Read until some text is to be seen, in a whole picture."""
        deadline = time.monotonic() + 60
        while self._rest or text not in '\n'.join(self.lines):
            if time.monotonic() > deadline:
                raise AssertionError(self.lines)
            if select.select([self._file], [], [], 1)[0]:
                self._rest += os.read(self._file, 65536).decode()
            while self._rest and self._take():
                pass

    def _take(self):
        found = re.match(
            r'\x1b\[(\d*)([FJK])|([^\x1b\r\n]*)\r\n|([^\x1b\r\n]+)(?=\x1b)',
            self._rest)
        if not found:
            return False
        self._rest = self._rest[found.end():]
        number, verb, line, start = found.groups()
        if verb == 'F':
            self._row -= int(number)
        elif verb == 'J':
            del self.lines[self._row:]
        elif line is not None:
            self._write(line)
            self._row += 1
        elif start:
            self._write(start)
        return True

    def _write(self, text):
        if self._row == len(self.lines):
            self.lines.append('')
        if text:
            self.lines[self._row] = text
