# SPDX-License-Identifier: Apache-2.0
"""How a blank machine gets its rescue system."""
from keystoneauth1 import loading
from oslo_config import cfg

from baas.conf import place

GROUP = 'boot'
OPTS = [
    cfg.StrOpt('method', default='ssh',
               help='Boot method for restores, a driver of baas.boot: "ssh" '
                    'when somebody boots a rescue system of his own, '
                    '"ironic" through the Bare Metal service, "pxe" through '
                    'a TFTP or HTTP folder, "manual" for an ISO that '
                    'somebody inserts.'),
    cfg.IntOpt('time_limit', default=15, min=1,
               help='Minutes that a restored machine gets from leaving the '
                    'rescue system to answering from its own disk.'),
    place.option('images_dir',
                 help='Folder in which the images of a restore lie while they '
                      'are needed, for all methods but "ssh". A web server '
                      'must serve it at images_url without listing it, and '
                      'all conductors must share it.'),
    cfg.StrOpt('images_url',
               help='Where images_dir is served, http or https, as the '
                    'machine, its BMC and the Bare Metal service reach it.'),
    cfg.StrOpt('kernel_params', default='root=/dev/ram0 rw selinux=0',
               help='What to add to the kernel command line of the rescue '
                    'system where it is booted over the network, such as '
                    '"console=ttyS0". Without the first word of the default, '
                    'the system may fill no more than half of the memory.'),
    place.option('kernel',
                 help='Kernel of the rescue system for backups that have no '
                      'rescue image of their own: an absolute path.'),
    place.option('initrd',
                 help='Initrd of that rescue system: an absolute path.'),
    place.option('iso',
                 help='ISO image of that rescue system, with that same initrd '
                      'in it: an absolute path. Without it one is made of '
                      'kernel and initrd, which secure boot does not '
                      'accept.'),
    cfg.FloatOpt('callback_timeout', default=30, min=0,
                 help='Minutes that the rescue system gets to call back after'
                      ' its machine was told to boot it.'),
    cfg.FloatOpt('manual_timeout', default=45, min=0,
                 help='The same for methods "pxe" and "manual", where '
                      'somebody must first go and turn the machine on. '
                      'Raise [runner] time_limits restore/rescue with it.'),
    cfg.FloatOpt('cleanup_timeout', default=5, min=0,
                 help='Minutes that a job tries to put everything back that'
                      ' it has changed to boot the rescue system, while the'
                      ' Bare Metal service or a BMC does not answer.'),
    cfg.FloatOpt('cleanup_interval', default=10, min=0,
                 help='Minutes after which a job of its own tries again to '
                      'put back what could not be put back.'),
]
SSH_GROUP = 'boot_ssh'
SSH_OPTS = [
    cfg.StrOpt('user', default='root',
               help='User of the rescue system.'),
    place.option('private_key', default='/etc/baas/rescue_key',
                 help='Private key that the rescue system lets in.'),
    place.option('known_hosts', default='/etc/baas/rescue_known_hosts',
                 help='Host keys of the rescue system, known beforehand. It '
                      'must have a line for the address of every node.'),
    place.option('root', default='/mnt/local',
                 help='Where the rescue system has mounted the disk that is '
                      'to be restored.'),
]
PXE_GROUP = 'boot_pxe'
PXE_OPTS = [
    place.option('tftp_dir',
                 help='Root folder of the TFTP server, for method = pxe. Boot '
                      'entries go into its folders "pxelinux.cfg" and "ipxe". '
                      'If [boot] images_dir is inside of it, pxelinux loads '
                      'the images over TFTP, and otherwise from images_url.'),
]
IRONIC_GROUP = 'boot_ironic'
IRONIC_OPTS = [
    cfg.StrOpt('mechanism', default='auto',
               choices=[
                   ('auto', '"virtual-media" for nodes that are managed over '
                            'Redfish, or "boot-iso" if the service is older '
                            'than that; "ramdisk" for all others'),
                   ('virtual-media', 'attach the ISO to the active node and '
                                     'boot it once; needs API 1.89'),
                   ('boot-iso', 'rebuild the node with the ISO, by deploy '
                                'interface "ramdisk"'),
                   ('ramdisk', 'rebuild the node with kernel and initrd, by '
                               'deploy interface "ramdisk"')],
               help='How the Bare Metal service boots the rescue system.'),
    cfg.FloatOpt('state_timeout', default=15, min=0,
                 help='Minutes that a node gets to be rebuilt, to take a '
                      'medium or to change its power state.'),
    cfg.IntOpt('api_timeout', default=60, min=1,
               help='Seconds for which the Bare Metal service may be silent '
                    'before a job gives up.'),
]


def list_opts():
    """Give (section, options) pairs."""
    return [(GROUP, OPTS), (SSH_GROUP, SSH_OPTS), (PXE_GROUP, PXE_OPTS),
            (IRONIC_GROUP, IRONIC_OPTS + _keystoneauth())]


def _keystoneauth():
    """Give the options by which any service of a cloud is reached; those of
    a kind of authentication are known when it is."""
    return (loading.get_auth_common_conf_options()
            + loading.get_session_conf_options()
            + loading.get_adapter_conf_options(include_deprecated=False))
