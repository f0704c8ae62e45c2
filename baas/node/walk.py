# SPDX-License-Identifier: Apache-2.0
"""Walk a tree in a fixed order, leaving out what is not wanted."""
import hashlib
import os
import re

EXCLUDED = ('/var/lib/baas-node/bin', '/var/lib/baas-node/cache',
            '/var/lib/baas-node/files', '/var/lib/baas-node/lock',
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


def walk(top, wanted=None, left_out=None):
    """Yield (path, lstat) of a folder and all below it, sorted by key.

    :param top: where to begin (bytes); its own path is b''.
    :param wanted: pattern of what to leave out, or None.
    :param left_out: list that gets the paths left out, or None.
    """
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
        found = os.lstat(top + path)
        yield path, found
        if found.st_mode & 0o170000 == 0o040000:
            stack.append(_names(top + path, path + b'/'))


def _names(folder, prefix):
    return iter([prefix + name for name in sorted(os.listdir(folder))])


def fingerprint(top):
    """Give what changes when anything below a folder does (str)."""
    digest = hashlib.sha256()
    for path, found in walk(top, pattern(['/var/lib/baas-node'])):
        digest.update(b'%s\0%d %d %d %d %d\n' % (
            path, found.st_ino, found.st_mode, found.st_size,
            found.st_mtime_ns, found.st_ctime_ns))
    return digest.hexdigest()
