# SPDX-License-Identifier: Apache-2.0
"""Who may come in: a token, a password, or everybody.

Each way leaves the caller in the same headers as keystonemiddleware does, so
that what comes after does not know which way it was.
"""
import hmac
import os
import secrets
import stat

import bcrypt
from keystonemiddleware import auth_token
from keystonemiddleware import opts
from oslo_middleware import basic_auth
import webob

from baas import errors

SERVICE_TYPE = 'control-plane-backup'
"""The type of the service in the catalogue, and in access rules."""
OPEN = frozenset({'', '/v1', '/v1/openapi.json'})
"""Paths that need no authentication: they tell nothing of the cloud."""
_IDENTITY = ('HTTP_X_USER', 'HTTP_X_ROLE', 'HTTP_X_PROJECT', 'HTTP_X_TENANT',
             'HTTP_X_DOMAIN', 'HTTP_X_IS_ADMIN', 'HTTP_X_SERVICE',
             'HTTP_X_IDENTITY', 'HTTP_OPENSTACK_SYSTEM_SCOPE')
_ADMIN = 'admin,member,reader'
_MAKE = ('Make it with "htpasswd -B{} {} admin" of apache2-utils or '
         'httpd-tools, readable for the service')


class Unauthorized(errors.BaasError):
    """No password, or a wrong one: 401."""
    code = 401
    faultcode = 'baas.request.unauthorized'
    title = 'Unauthorized'
    message = 'The request has no valid user name and password.'
    hint = 'Source the rc file of the service, or ask its operator for one.'
    headers = {'WWW-Authenticate': 'Basic realm="baas", charset="UTF-8"'}


def require(application, conf):
    """Put the authentication of ``[api] auth_strategy`` before the
    application; the paths of :data:`OPEN` go past it.

    :raises ConfigurationError: the password file cannot be used.
    """
    guarded = {'keystone': _keystone, 'http_basic': Basic,
               'noauth': _everybody}[conf.api.auth_strategy](application, conf)

    def choose(environ, start_response):
        if environ.get('PATH_INFO', '').rstrip('/') in OPEN:
            return application(environ, start_response)
        return guarded(environ, start_response)
    return choose


class Basic:
    """HTTP basic authentication against a file of bcrypt passwords.

    oslo.middleware parses header and file. Its middleware is not used: a
    bcrypt check takes a tenth of a second and more, so a proven password is
    remembered (as a keyed digest) while its line in the file is the same.
    """
    REMEMBERED = 1000

    def __init__(self, application, conf):
        self.application = application
        self._path = conf.api.http_basic_auth_user_file
        self._key = secrets.token_bytes(32)
        self._proven = set()
        self._read = (None, {})
        self._users()

    def __call__(self, environ, start_response):
        user = self._who(environ)
        _forget_claims(environ)
        environ.update(HTTP_X_USER_ID=user, HTTP_X_USER_NAME=user,
                       HTTP_X_ROLES=_ADMIN)
        return self.application(environ, start_response)

    def _who(self, environ):
        try:
            user, password = basic_auth.parse_token(
                basic_auth.parse_header(environ))
        except webob.exc.HTTPException:
            raise Unauthorized()
        users = self._users()
        # An unknown user costs the same time as a known one, so that nobody
        # can find out names.
        crypted = users.get(user, next(iter(users.values()), b''))
        if not self._check(crypted, password) or user not in users:
            raise Unauthorized()
        return user

    def _check(self, crypted, password):
        proof = hmac.digest(self._key, crypted + b'\0' + password, 'sha256')
        if proof in self._proven:
            return True
        try:
            right = bcrypt.checkpw(password, crypted)
        except ValueError:  # longer than bcrypt can tell apart
            return False
        if right:
            if len(self._proven) >= self.REMEMBERED:
                self._proven.clear()
            self._proven.add(proof)
        return right

    def _users(self):
        try:
            found = os.stat(self._path)
            if found.st_mode & stat.S_IWOTH:
                raise errors.ConfigurationError(
                    reason=f'The password file {self._path} cannot be used: '
                           'everybody can write to it, and so make himself '
                           'an administrator',
                    remedy=f'Look whether each of its users is known, then '
                           f'run "chmod o-w {self._path}"')
            seen = (found.st_mtime_ns, found.st_ino, found.st_size)
            if seen != self._read[0]:
                with open(self._path, encoding='utf-8') as file:
                    self._read = seen, dict(
                        basic_auth.parse_entry(line.strip())
                        for line in file if ':' in line)
        except (OSError, ValueError, webob.exc.HTTPException) as error:
            raise errors.ConfigurationError(
                reason=f'The password file {self._path} cannot be used: '
                       f'{error}',
                remedy=_MAKE.format(
                    '' if os.path.exists(self._path) else 'c', self._path))
        return self._read[1]


def _keystone(application, conf):
    for group, options in opts.list_auth_token_opts():
        conf.register_opts(options, group)
    # Without it no application credential with access rules is let in.
    conf.set_default('service_type', SERVICE_TYPE, 'keystone_authtoken')
    return auth_token.AuthProtocol(application, {'oslo_config_config': conf})


def _everybody(application, _conf):
    """Let everybody in as an administrator, or with the roles of the header
    X-Roles in the project of X-Project-Id, so that tests can be somebody
    else."""
    def let_in(environ, start_response):
        roles = environ.get('HTTP_X_ROLES', _ADMIN)
        project = environ.get('HTTP_X_PROJECT_ID', '')
        _forget_claims(environ)
        environ.update(HTTP_X_USER_ID='noauth', HTTP_X_USER_NAME='noauth',
                       HTTP_X_ROLES=roles, HTTP_X_PROJECT_ID=project)
        return application(environ, start_response)
    return let_in


def _forget_claims(environ):
    for name in [n for n in environ if n.startswith(_IDENTITY)]:
        del environ[name]
