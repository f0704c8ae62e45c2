"""Write files below the root of a machine that is off."""

import os


def put(root, path, text, mode=0o644, owner=None):
    """Write a file below a root, owned by a user that root knows."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    data = text if isinstance(text, bytes) else text.encode()
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), 'wb') as handle:
        handle.write(data)
    target.chmod(mode)
    if owner:
        os.chown(target, *ids(root, owner))


def ids(root, user):
    """Return uid and gid of a user as the system below root knows it."""
    for line in (root / 'etc/passwd').read_text().splitlines():
        fields = line.split(':')
        if fields[0] == user:
            return int(fields[2]), int(fields[3])
    raise KeyError(user)
