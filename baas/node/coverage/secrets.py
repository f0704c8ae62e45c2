# SPDX-License-Identifier: Apache-2.0
"""Secrets that a restored node needs and its backup does not hold, as far as
a node can know. What is in them is not read."""
import os
import re

from baas.node.coverage import devices
from baas.node.coverage import gaps
from baas.node.coverage import mounts
from baas.node import paths

FILES = (
    '/etc/corosync/authkey', '/etc/pacemaker/authkey', '/etc/ceph',
    '/etc/keystone/fernet-keys', '/etc/keystone/credential-keys',
    '/var/lib/config-data/puppet-generated', '/etc/kolla',
    '/etc/barbican', '/etc/pki/tls/private', '/etc/pki/tls/certs',
    '/etc/pki/haproxy', '/etc/pki/libvirt', '/etc/ssl/private',
    '/etc/letsencrypt', '/etc/ipa', '/etc/krb5.keytab', '/etc/haproxy',
    '/etc/octavia/certs', '/etc/openvswitch', '/etc/ssh',
    '/var/lib/rabbitmq/.erlang.cookie', '/root/.my.cnf', '/root/.ssh',
    '/home/stack')
"""Where secrets of a control plane are."""
_BARBICAN = (
    '/etc/barbican/barbican.conf',
    '/var/lib/config-data/puppet-generated/barbican/etc/barbican/'
    'barbican.conf',
    '/etc/kolla/barbican-api/barbican.conf')
_PLUGIN = re.compile(r'^\s*(?:enabled_)?(?:secret_?store|crypto)_plugins?'
                     r'\s*=\s*(.*)$', re.MULTILINE)
_OUTSIDE = {
    'p11_crypto': ('HSM', 'a hardware security module (PKCS#11)'),
    'kmip_plugin': ('KMIP', 'a KMIP server'),
    'vault_plugin': ('Vault', 'a Vault server'),
    'dogtag_crypto': ('Dogtag', 'a Dogtag server'),
    'dogtag_plugin': ('Dogtag', 'a Dogtag server')}
_TOKENS = (('tpm2-device', 'the TPM of this machine'),
           ('fido2-device', 'a FIDO2 token'),
           ('pkcs11-uri', 'a PKCS#11 token'))
_MOST = 2000
"""How many files of a folder are looked at."""


def look(own, there):
    """Find secrets that no backup holds.

    :param own: :class:`baas.node.coverage.held.Held`.
    :param there: as of :func:`devices.known`.
    :returns: list of gaps.
    """
    return (_volumes(there) + _tokens() + _barbican(own)
            + [one for path in FILES for one in _files(own, path)])


def _volumes(there):
    return [gaps.gap('secret', 'LUKS ' + label, 'luks',
                     'The header and the passphrase of the encrypted %s are '
                     'in no backup: keep copies of both.' % name)
            for label, name in devices.locked(there)]


def _tokens():
    """Find volumes that something opens which is a part of this machine."""
    found, words = [], _text('/etc/crypttab')
    for line in words.splitlines():
        fields = line.split()
        if len(fields) < 2 or fields[0].startswith('#'):
            continue
        options = fields[3] if len(fields) > 3 else ''
        for word, what in _TOKENS:
            if word in options:
                found.append(gaps.gap(
                    'secret', '%s of %s' % (word, fields[0]), 'token',
                    '%s is opened by %s, which a restore onto another '
                    'machine does not have.' % (fields[0], what)))
    if os.path.isdir(_inside('/etc/tpm2_pkcs11')):
        found.append(gaps.gap(
            'secret', 'TPM', 'token',
            'Keys of /etc/tpm2_pkcs11 are sealed by the TPM of this machine '
            'and do not open on another one.'))
    return found


def _barbican(own):
    found = {}
    for path in _BARBICAN:
        if not own.why_not(path):
            for match in _PLUGIN.finditer(_text(path)):
                for word in re.split(r'[\s,]+', match.group(1)):
                    if word in _OUTSIDE:
                        name, place = _OUTSIDE[word]
                        found[name] = place
    return [gaps.gap('secret', 'Barbican ' + name, 'keeper',
                     'Barbican keeps its secrets, or the key to them, in %s.'
                     % place)
            for name, place in sorted(found.items())]


def _files(own, path):
    """Find what of a file or folder of secrets is somewhere else."""
    why = own.why_not(path)
    if why:
        if _is_missing(own, path):
            return
        yield _elsewhere(path, why)
        return
    top, seen = os.fsdecode(own.resolve(path)), 0
    points = {os.fsdecode(mount['mountpoint']) for mount in own.mounts}
    for folder, folders, names in os.walk(top, onerror=_unless_gone):
        for name in folders + names:
            seen += 1
            inner = '/' + os.path.relpath(os.path.join(folder, name),
                                          paths.TOP)
            why = own.why_not(inner) if os.path.islink(
                os.path.join(folder, name)) else None
            if why and not _is_missing(own, inner):
                yield _elsewhere(inner, why)
        # What is mounted below is a matter of its own.
        folders[:] = [name for name in folders
                      if os.path.join(folder, name) not in points]
        if seen > _MOST:
            yield gaps.gap(
                'unanswered', 'secrets in ' + path, 'many',
                'It has more than %d files; of the rest, nobody has looked '
                'which lead out of the backup.' % _MOST)
            return


def _unless_gone(error):
    """Let a folder that cannot be read not pass for an empty one."""
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error


def _is_missing(own, path):
    """Tell whether a path leads to nothing that is kept; what is on another
    machine is not asked, and is taken to be there."""
    real = own.resolve(path)
    mount = own.mount_of(real)
    return (mount is None or mount['fstype'] in mounts.KERNEL + mounts.MEMORY
            or mount in own.captured and not os.path.lexists(real))


def _elsewhere(path, why):
    return gaps.gap('secret', path, 'elsewhere',
                    'It %s: keep a copy.' % why)


def _inside(path):
    return os.path.join(paths.TOP, path.lstrip('/'))


def _text(path):
    """Read a small file, '' when there is none."""
    try:
        with open(_inside(path), errors='replace') as handle:
            return handle.read(1 << 20)
    except FileNotFoundError:
        return ''
