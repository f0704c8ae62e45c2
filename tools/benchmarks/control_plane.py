# SPDX-License-Identifier: Apache-2.0
"""A tree of files like that of a controller, which lives for some days. It is
the same in each run: all of it is drawn with one seed."""
import bisect
import itertools
import random

IN_WORDS = (
    'Of the tree 40 % are programs and libraries, 20 % their sources, 5 % '
    'configuration, 25 % one dump of the databases, 10 % logs.',
    'A day writes 1 % of all bytes anew: 0.4 % as rows of the dump, in six '
    'of its 48 tables, which are changed and inserted where they stand; '
    '0.4 % as lines at the end of logs, of which one is rotated (renamed) '
    'each day; 0.1 % as programs replaced by other ones; 0.1 % as sources '
    'and configuration rewritten as a whole.')
_SEED = 30
_SHARES = {'usr/bin': 0.40, 'usr/lib': 0.20, 'etc': 0.05, 'dump': 0.25,
           'var/log': 0.10}
_SIZES = {'usr/bin': 96 << 10, 'usr/lib': 8 << 10, 'etc': 3 << 10}
"""Mean bytes of a file."""
_TABLES, _CHANGED, _LOGS = 48, 6, 10
_BUSY = 3
"""Tables that change each day: heartbeats, tokens, quotas."""
_WORDS = 4000
_DUMP = 'var/lib/mysql-dump/all.sql'


class Tree:
    """The files, and their days.

    :param path: where they are made (:class:`pathlib.Path`).
    :param size: bytes of all of them on the first day.
    :ivar size: bytes of all of them.
    :ivar files: how many there are.
    :ivar written: bytes that the last day has written anew.
    """

    def __init__(self, path, size):
        self.path, self.size, self.files, self.written = path, 0, 0, 0
        self._random = random.Random(_SEED)
        self._lines = _Lines(self._random)
        self._page = [self._random.randbytes(256) for _ in range(64)]
        self._day, self._left = 0, {}
        for folder, mean in _SIZES.items():
            self._fill(folder, int(size * _SHARES[folder]), mean)
        each = int(size * _SHARES['dump']) // _TABLES
        self._tables = [list(self._rows(each)) for _ in range(_TABLES)]
        self._logs = [f'var/log/service-{number}.log'
                      for number in range(_LOGS)]
        for name in self._logs:
            self._write(name, self._text(
                int(size * _SHARES['var/log']) // _LOGS))
        self._write_dump()
        self.written = 0
        self._count()

    def live_a_day(self):
        """Write one part in a hundred anew."""
        self._day, self.written = self._day + 1, 0
        part = self.size // 1000
        self._rotate()
        for name in self._logs:
            self._append(name, self._text(4 * part // _LOGS))
        self._change_tables(4 * part)
        self._rewrite(('usr/bin',), part)
        self._rewrite(('usr/lib', 'etc'), part)
        self._count()

    def _fill(self, folder, size, mean):
        while size > 0:
            length = min(size, max(64, int(
                self._random.expovariate(1 / mean))))
            self._write(f'{folder}/{self._random.randrange(40)}/'
                        f'{self._random.getrandbits(48):012x}',
                        self._content(folder, length))
            size -= length

    def _content(self, folder, length):
        if folder != 'usr/bin':
            return self._text(length)
        # Code packs to about two fifths.
        out, have = [], 0
        while have < length:
            out.append(self._random.choice(self._page)
                       + self._random.randbytes(160))
            have += len(out[-1])
        return b''.join(out)[:length]

    def _text(self, length):
        out, have = [], 0
        while have < length:
            out.append(self._lines.draw())
            have += len(out[-1])
        return b''.join(out)[:length]

    def _rows(self, size):
        while size > 0:
            row = self._row()
            size -= len(row)
            yield row

    def _row(self):
        return b"INSERT INTO t VALUES (%d,'%032x','2026-11-%02d',%s);\n" % (
            self._random.randrange(10**7), self._random.getrandbits(128),
            1 + self._day % 28, self._lines.draw().strip())

    def _change_tables(self, budget):
        chosen = [*range(_BUSY), *self._random.sample(
            range(_BUSY, _TABLES), _CHANGED - _BUSY)]
        for number in chosen:
            rows, left = self._tables[number], budget // _CHANGED
            while left > 0:
                row, place = self._row(), self._random.randrange(len(rows))
                if self._random.random() < 0.5:
                    rows[place] = row
                else:
                    rows.insert(place, row)
                left -= len(row)
                self.written += len(row)
        self._write_dump()

    def _write_dump(self):
        self._write(_DUMP, b''.join(itertools.chain.from_iterable(
            self._tables)), counted=False)

    def _rotate(self):
        name = self._logs[self._day % _LOGS]
        place = self.path / name
        place.rename(place.with_name(f'{place.name}-{self._day:02d}'))

    def _append(self, name, content):
        place = self.path / name
        with open(place, 'ab') as log:
            log.write(content)
        self.written += len(content)

    def _rewrite(self, folders, budget):
        names = sorted(path for folder in folders
                       for path in (self.path / folder).rglob('*')
                       if path.is_file())
        # What the last file of a day is too large goes off the next day.
        budget += self._left.pop(folders, 0)
        while budget > 0:
            path = self._random.choice(names)
            length = path.stat().st_size
            self._write(path.relative_to(self.path),
                        self._content(folders[0], length))
            budget -= length
        self._left[folders] = budget

    def _write(self, name, content, counted=True):
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if counted:
            self.written += len(content)

    def _count(self):
        sizes = [path.stat().st_size for path in self.path.rglob('*')
                 if path.is_file()]
        self.files, self.size = len(sizes), sum(sizes)


class _Lines:
    """Lines of text whose words are as unlike in use as those of a language.
    """

    def __init__(self, source):
        self._random = source
        letters = 'etaoinshrdlucmfwypvbgk_.-/=0123456789'
        self._words = [''.join(source.choices(
            letters, k=source.randrange(2, 12))).encode()
            for _ in range(_WORDS)]
        self._weights = list(itertools.accumulate(
            1 / (place + 3) for place in range(_WORDS)))

    def draw(self):
        """Give a line (bytes)."""
        words = [self._words[bisect.bisect(
            self._weights, self._random.random() * self._weights[-1])]
            for _ in range(self._random.randrange(3, 14))]
        return b'%d ' % self._random.randrange(10**6) + b' '.join(
            words) + b'\n'
