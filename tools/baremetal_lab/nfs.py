# SPDX-License-Identifier: Apache-2.0
"""An NFS server in user space: the host's kernel may have none."""
from baremetal_lab import daemons
from baremetal_lab import places
from container_lab import running

SETTINGS = places.STATE / 'ganesha.conf'
PID = places.STATE / 'ganesha.pid'
SOURCE = f'{places.lab.HOST}:{places.NFS_PATH}'
OPTIONS = 'nfsvers=4.1,nolock'
_GANESHA = f'''NFS_CORE_PARAM {{
    Bind_addr = {places.lab.HOST};
    Protocols = 4;
    Enable_NLM = false;
    Enable_RQUOTA = false;
}}
NFSv4 {{
    Graceless = true;
    Minor_Versions = 1, 2;
    RecoveryBackend = fs;
    RecoveryRoot = {places.STATE}/nfs;
}}
EXPORT {{
    Export_Id = 1;
    Path = {places.EXPORT};
    Pseudo = {places.NFS_PATH};
    Protocols = 4;
    Access_Type = RW;
    Squash = No_Root_Squash;
    SecType = sys;
    PrivilegedPort = false;
    FSAL {{ Name = VFS; }}
}}
'''


def start():
    """Export the folder for backups on the lab's network."""
    SETTINGS.write_text(_GANESHA)
    (places.STATE / 'nfs').mkdir(exist_ok=True)
    daemons.start('ganesha', ['ganesha.nfsd', '-F', '-f', SETTINGS,
                              '-L', places.LOGS / 'ganesha-own.log',
                              '-p', PID])
    running.wait_for('the NFS server', well, 30,
                     daemons.log_of('ganesha'))


def well():
    """Tell whether the server accepts connections."""
    return running.works('bash', '-c',
                         f'exec 3<>/dev/tcp/{places.lab.HOST}/2049')


def stop():
    """Stop the server."""
    daemons.stop('ganesha')
