# SPDX-License-Identifier: Apache-2.0
"""Walk a tree in a fixed order, leaving out what is not wanted."""
import hashlib
import os
import re

from baas.node import paths

EXCLUDED = ('/var/lib/baas-node/bin', '/var/lib/baas-node/cache',
            '/var/lib/baas-node/files', '/var/lib/baas-node/lock',
            '/var/lib/baas-node/rescue',
            '/tmp/*', '/var/tmp/*', '/run/*', '/proc/*', '/sys/*')
"""Never part of a backup; the folders themselves are, to mount upon."""


def key(path):
    """Give what the list is sorted by: names, one folder after another.

    A folder is followed by all that is in it: lists of any length can be
    written and compared without holding them in memory.
    """
    return path.replace(b'/', b'\0')


def pattern(globs):
    """Make one regular expression of the globs that leave things out.

    ``*`` and ``?`` stay within a name, ``**`` crosses folders; a glob with
    no slash is meant for names anywhere.

    :param globs: list of str.
    :returns: compiled pattern for b'/' + path, or None without globs.
    """
    parts = [_translate(glob) for glob in globs if glob.strip('/')]
    return re.compile(b'|'.join(parts), re.DOTALL) if parts else None


def _translate(glob):
    text = glob.encode('utf-8', 'surrogateescape').rstrip(b'/')
    if b'/' not in text:
        text = b'/**/' + text
    elif not text.startswith(b'/'):
        text = b'/' + text
    out = b''
    for token in re.findall(rb'/\*\*/|\*\*|\*|\?|[^*?/]+|/', text):
        out += {b'/**/': rb'/(?:.*/)?', b'**': rb'.*', b'*': rb'[^/]*',
                b'?': rb'[^/]'}.get(token) or re.escape(token)
    return b'(?:' + out + rb')\Z'


def leaves_out(pattern, mountpoint):
    """Tell whether a pattern leaves out a mount point or a folder above it.

    :param pattern: what :func:`pattern` gave.
    :param mountpoint: path (bytes).
    """
    inner = os.path.relpath(mountpoint, os.fsencode(paths.TOP))
    parts = inner.split(b'/') if inner != b'.' else []
    return pattern is not None and any(
        pattern.match(b'/' + b'/'.join(parts[:count + 1]))
        for count in range(len(parts)))


def walk(top, wanted=None, left_out=None, live=False):
    """Yield (path, lstat) of a folder and all below it, sorted by key.

    :param top: where to begin (bytes); its own path is b''.
    :param wanted: pattern of what to leave out, or None.
    :param left_out: list that gets the paths left out, or None.
    :param live: True to pass over what vanishes meanwhile.
    """
    gone = (FileNotFoundError, NotADirectoryError) if live else ()
    yield b'', os.lstat(top)
    top = top.rstrip(b'/') + b'/'
    stack = [_names(top, b'')]
    while stack:
        path = next(stack[-1], None)
        if path is None:
            stack.pop()
            continue
        if wanted is not None and wanted.match(b'/' + path):
            if left_out is not None:
                left_out.append(path)
            continue
        try:
            found = os.lstat(top + path)
            names = None
            if found.st_mode & 0o170000 == 0o040000:
                names = _names(top + path, path + b'/')
        except gone:
            continue
        yield path, found
        if names is not None:
            stack.append(names)


def _names(folder, prefix):
    return iter([prefix + name for name in sorted(os.listdir(folder))])


def fingerprint(top):
    """Give what changes when anything below a folder does (str)."""
    digest = hashlib.sha256()
    own = pattern(['/var/lib/baas-node'])
    for path, found in walk(top, own, None, True):
        digest.update(b'%s\0%d %d %d %d %d\n' % (
            path, found.st_ino, found.st_mode, found.st_size,
            found.st_mtime_ns, found.st_ctime_ns))
    return digest.hexdigest()
