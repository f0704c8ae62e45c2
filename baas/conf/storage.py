# SPDX-License-Identifier: Apache-2.0
"""Where backups are stored."""
from oslo_config import cfg

from baas.conf import delay
from baas.conf import place

GROUP = 'storage'
OPTS = [
    cfg.StrOpt('driver', default='file',
               help='Kind of storage, a driver of baas.storage: "file" for a '
                    'folder that the conductor and all nodes see at the same '
                    'path (a share mounted everywhere), "nfs" for a share '
                    'that is mounted while a job needs it, "sftp" for a host '
                    'reached over SSH. Changing it does not move backups '
                    'that are stored already.'),
    cfg.BoolOpt('allow_on_target', default=False,
                help='Whether backups may lie on a machine that they are '
                     'backups of. Such backups are lost together with the '
                     'machine: turn it on for trials only.'),
    delay.option('delete_delay', default='0',
                 help='How long a backup that somebody deletes stays in the '
                      'trash, such as 12h, 3d or 2w: until then it can be had '
                      'back, and takes its room. 0 removes it at once. Raise '
                      'it where the storage has room for mistakes.'),
]
FILE_GROUP = 'storage_file'
FILE_OPTS = [
    place.option('path',
                 help='Folder of the backups, for driver = file: an absolute '
                      'path, the same on the conductor and on every node. It '
                      'must exist; the service never makes it, so that a '
                      'share that is not mounted is noticed.'),
]
NFS_GROUP = 'storage_nfs'
NFS_OPTS = [
    cfg.StrOpt('host',
               help='Name or address of the NFS server, for driver = nfs. '
                    'Conductor and nodes must reach it under this same '
                    'name.'),
    place.option('export',
                 help='What the server exports: an absolute path, or one '
                      'below it. It must exist.'),
    cfg.StrOpt('options',
               default='nfsvers=3,nolock,soft,timeo=50,retrans=2,retry=0',
               help='Options of the mount, on the conductor and on nodes. '
                    'Keep it soft and version 3: with hard, or with version '
                    '4, whose clients wait for ever to open a file, a server '
                    'that is gone holds jobs. Nothing is risked by soft, for '
                    'what was stored is read back. Add sec=krb5p where the '
                    'network is not trusted.'),
]
SFTP_GROUP = 'storage_sftp'
SFTP_OPTS = [
    cfg.StrOpt('host',
               help='Name or address of the storage host, for driver = '
                    'sftp. Conductor and nodes must reach it under this '
                    'same name.'),
    cfg.PortOpt('port', default=22,
                help='Port of its SSH server.'),
    cfg.StrOpt('user', default='baas',
               help='User on the storage host. Give it nothing but SFTP '
                    '(ForceCommand internal-sftp).'),
    place.option('path',
                 help='Folder of the backups on the storage host: an absolute '
                      'path. It must exist and belong to the user.'),
    place.option('private_key', default='/etc/baas/storage_key',
                 help='File with the private key of that user, without a '
                      'passphrase and readable for the service only. It is '
                      'copied to the nodes, in memory, for as long as a job '
                      'runs.'),
    place.option('known_hosts', default='/etc/baas/storage_known_hosts',
                 help='File with the host key of the storage host, in the '
                      'format of OpenSSH. No other host key is accepted: '
                      'replace the line when the host gets a new one.'),
]


def register(conf):
    """Register the options of all kinds of storage.

    :param conf: an oslo.config ConfigOpts.
    """
    for group, opts in list_opts():
        conf.register_opts(opts, group)


def list_opts():
    """Give (section, options) pairs."""
    return [(GROUP, OPTS), (FILE_GROUP, FILE_OPTS),
            (NFS_GROUP, NFS_OPTS), (SFTP_GROUP, SFTP_OPTS)]
