# SPDX-License-Identifier: Apache-2.0
"""Options of the HTTP service."""
from oslo_config import cfg

from baas.conf import place

GROUP = 'api'
OPTS = [
    cfg.HostAddressOpt('bind_host', default='127.0.0.1',
                       help='Address that baas-api and baas-standalone '
                            'listen on. Change it only together with '
                            'auth_strategy = keystone, or behind a proxy '
                            'that ends TLS.'),
    cfg.PortOpt('bind_port', default=9533,
                help='Port that baas-api and baas-standalone listen on.'),
    cfg.IntOpt('threads', default=8, min=1,
               help='How many requests are answered at the same time.'),
    cfg.StrOpt('auth_strategy', default='http_basic',
               choices=[('keystone', 'Tokens of the Identity service, see '
                                     'section [keystone_authtoken].'),
                        ('http_basic', 'A password file, for a service '
                                       'without Keystone.'),
                        ('noauth', 'Everybody is an administrator: for '
                                   'tests only.')],
               help='How callers prove who they are.'),
    cfg.StrOpt('operators_project_id',
               help='Id of the project whose readers may look at backups, '
                    'jobs, logs and nodes, with auth_strategy = keystone: '
                    '"openstack project show -f value -c id operators". An '
                    'id and not a name, because a name can be given to '
                    'another project, and each domain may have one of it. '
                    'Unset: administrators alone may look.'),
    place.option('http_basic_auth_user_file',
                 default='$state_path/htpasswd',
                 help='Password file for auth_strategy = http_basic, in the '
                      'Apache format with bcrypt. baas-standalone makes it at '
                      'its first start when it is missing.'),
    cfg.IntOpt('max_limit', default=1000, min=1,
               help='How many rows a page of a list has at most, and how '
                    'many it has when the caller does not say.'),
    cfg.IntOpt('max_request_body', default=65536, min=1024,
               help='Largest body of a request, in bytes.'),
    cfg.BoolOpt('docs', default=True,
                help='Whether /v1/docs shows the documentation of the API, '
                     'without authentication as /v1/openapi.json, and '
                     '/v1/docs/simulation what clean-ups would leave, to who '
                     'may ask the API for that. Change it where no browser is '
                     'to find anything here.'),
    cfg.URIOpt('public_url', schemes=['http', 'https'],
               help='Start of the links in answers, when a proxy gives the '
                    'service another address than the one callers use. '
                    'Unset: taken from the request.'),
]
