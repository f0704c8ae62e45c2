# SPDX-License-Identifier: Apache-2.0
"""Database files of OVN's Raft in a restored tree: whose they are, and such
that join a cluster anew.

A member that comes back with the log of a backup has forgotten what it has
promised and voted since, which Raft builds on; see section 5 of "In Search of
an Understandable Consensus Algorithm" (Ongaro and Ousterhout, 2014). So it
joins as a new server. The format is that of ovsdb(5), "Clustered Database
Format".
"""
import glob
import hashlib
import json
import os
import uuid

from baas.node.system import atomic_file

_MAGIC = b'OVSDB CLUSTER '
_FILES = ('ovnnb_db.db', 'ovnsb_db.db', 'ovnnb.db', 'ovnsb.db')
_FOLDERS = ('var/lib/ovn', 'etc/ovn', 'var/lib/openvswitch/ovn',
            'var/lib/openvswitch',
            'var/lib/containers/storage/volumes/ovn_*/_data',
            'var/lib/docker/volumes/ovn_*/_data')
_RUNTIME = ('.pid', '.ctl', '.sock')
_LARGEST = 1 << 30  # bytes of a record; no database is as large


def find(root):
    """List database files of members of a Raft (paths).

    :param root: top of the tree (str).
    """
    found = {}
    for folder in _FOLDERS:
        for name in _FILES:
            for path in sorted(glob.glob(os.path.join(
                    glob.escape(root), folder, name))):
                # Folders may be links to each other.
                if os.path.isfile(path) and read(path):
                    found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def runtime(root):
    """List files of servers that ran: their process ids and sockets (paths).

    A deployment in containers may have them beside the databases.

    :param root: top of the tree (str).
    """
    return [path for folder in _FOLDERS for kind in _RUNTIME
            for path in sorted(glob.glob(os.path.join(
                glob.escape(root), folder, 'ovn*' + kind)))]


def read(path):
    """Tell whose file it is.

    :returns: what its first record says: {'name': of the database,
        'server_id', 'local_address', and 'cluster_id' unless it never had
        joined}; None for any other file.
    """
    with open(path, 'rb') as handle:
        words = handle.readline(200).split()
        if not b' '.join(words).startswith(_MAGIC) or len(words) != 4 \
                or not words[2].isdigit() or int(words[2]) > _LARGEST:
            return None
        try:
            said = json.loads(handle.read(int(words[2])).decode())
        except ValueError:
            return None
    wanted = ('name', 'server_id', 'local_address')
    return said if isinstance(said, dict) and all(
        isinstance(said.get(name), str) for name in wanted) else None


def join(path, cluster, aside):
    """Put a file in its place whose server joins a living cluster.

    :param path: of a file that :func:`read` understands.
    :param cluster: {'cluster_id', 'servers': {its id: address}}.
    :param aside: where the file is kept, unless its server only joins too.
    :returns: id of the server (str).
    """
    was, server = read(path), str(uuid.uuid4())
    text = json.dumps({
        'cluster_id': cluster['cluster_id'],
        'local_address': was['local_address'], 'name': was['name'],
        'remote_addresses': sorted(
            set(cluster['servers'].values()) - {was['local_address']}),
        'server_id': server}, separators=(',', ':')) + '\n'
    head = '%s%d %s\n' % (_MAGIC.decode(), len(text),
                          hashlib.sha1(text.encode()).hexdigest())
    atomic_file.replace(path, head + text,
                        None if 'remote_addresses' in was else aside)
    return server
