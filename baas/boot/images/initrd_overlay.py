# SPDX-License-Identifier: Apache-2.0
"""What makes a rescue image that of one single restore: a host key, the key
that it lets in, and a nonce.

They are a further archive at the end of the initrd, where the kernel unpacks
it over the rest. No secret of the cluster is in it."""
import pathlib
import secrets
import shutil

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives import serialization

from baas.boot.images import tools
from baas.boot import rescue_ssh
from baas.node.system import atomic_file

SILENT = 'etc/mac-addresses'
"""File of ReaR that is empty in all of them: it would ask at the console,
before there is a network, which card takes the place of one that is gone."""
_OPEN = {'etc': 0o755, 'etc/ssh': 0o755}
_ALIGN = 4  # bytes: where the kernel looks for the next archive


def make(folder, alias):
    """Make the keys and the nonce of one restore; again changes nothing.

    :param folder: where they go (:class:`pathlib.Path`), closed to others:
        ``key`` is what the conductor logs in with, ``known_hosts`` what the
        rescue system is known by, ``nonce`` what it must know, and ``tree``
        what it gets.
    :param alias: what the rescue system is called back known_hosts.
    """
    if (folder / 'nonce').exists():  # which is written last
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    host, host_public = _pair()
    client, client_public = _pair()
    nonce = secrets.token_hex(32) + '\n'
    tree = {'etc/ssh/ssh_host_ed25519_key': host,
            'etc/ssh/ssh_host_ed25519_key.pub': host_public,
            'root/.ssh/authorized_keys': client_public,
            rescue_ssh.NONCE.lstrip('/'): nonce, SILENT: ''}
    for name, text in tree.items():
        _folders(folder / 'tree', pathlib.PurePath(name).parent)
        atomic_file.write(folder / 'tree' / name, text)
    atomic_file.write(folder / 'key', client)
    atomic_file.write(folder / 'known_hosts', f'{alias} {host_public}')
    atomic_file.write(folder / 'nonce', nonce)


def extend(initrd, folder, target):
    """Write an initrd with the archive at its end.

    :param initrd: path of the initrd of the rescue image.
    :param folder: what :func:`make` has filled.
    :param target: path of the file to write.
    """
    tree = folder / 'tree'
    names = sorted(str(path.relative_to(tree)) for path in tree.rglob('*'))
    archive = tools.run(
        ['cpio', '--quiet', '-o', '-0', '-H', 'newc', '-R', '0:0'],
        cwd=tree, input='\0'.join(names).encode())
    with open(initrd, 'rb') as source, open(target, 'wb') as result:
        shutil.copyfileobj(source, result, 1 << 20)
        result.write(bytes(-result.tell() % _ALIGN))
        result.write(archive)


def _pair():
    """Make a key; gives (private, public) as OpenSSH has them."""
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(serialization.Encoding.PEM,
                                serialization.PrivateFormat.OpenSSH,
                                serialization.NoEncryption())
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private.decode(), public.decode() + '\n'


def _folders(tree, inner):
    """Make the folders of a file with the modes that they get inside."""
    tree.mkdir(mode=0o700, exist_ok=True)
    for place in [*reversed(inner.parents)][1:] + [inner]:
        (tree / place).mkdir(exist_ok=True)
        (tree / place).chmod(_OPEN.get(str(place), 0o700))
