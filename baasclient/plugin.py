# SPDX-License-Identifier: Apache-2.0
"""What the `openstack` command asks of a plugin.

Every `openstack` command of whatever service imports this module, so it
imports nothing that is not loaded already.
"""
from osc_lib import exceptions
from osc_lib import utils

API_NAME = 'baas'
API_VERSION_OPTION = 'os_baas_api_version'
DEFAULT_API_VERSION = '1'
API_VERSIONS = dict.fromkeys(('1', '1.0', '1.1', '1.latest'),
                             'baasclient.http.Client')


def make_client(instance):
    """Make the client that commands find as ``client_manager.baas``.

    :param instance: the client manager of osc_lib.
    :returns: :class:`baasclient.http.Client`.
    """
    from baasclient import http
    overrides = instance.get_configuration()
    return http.Client(
        instance.session, instance._api_version[API_NAME],
        interface=instance.interface, region_name=instance.region_name,
        endpoint_override=overrides.get(
            'control_plane_backup_endpoint_override'))


def build_option_parser(parser):
    """Add the option of this plugin to those of `openstack`."""
    parser.add_argument(
        '--os-baas-api-version', metavar='<baas-api-version>', type=_version,
        default=utils.env('OS_BAAS_API_VERSION',
                          default=DEFAULT_API_VERSION),
        help='Version of the BaaS API: 1 for the newest that client and '
             'service both speak, 1.N, or latest; default=%s '
             '(Env: OS_BAAS_API_VERSION)' % DEFAULT_API_VERSION)
    return parser


def _version(text):
    # `openstack` makes of the part before the dot where commands are listed.
    return '1.latest' if text == 'latest' else text


def check_api_version(version):
    """Refuse a version that this client does not speak.

    :returns: True, for the version is then known to be good.
    :raises CommandError: this client does not speak it.
    """
    if version in API_VERSIONS:
        return True
    raise exceptions.CommandError(
        'This client does not speak version %s of the BaaS API.\n'
        'Set --os-baas-api-version or OS_BAAS_API_VERSION to one of: %s.'
        % (version, ', '.join(sorted(
            name.replace('1.latest', 'latest') for name in API_VERSIONS))))
