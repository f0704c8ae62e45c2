# SPDX-License-Identifier: Apache-2.0
"""baas-standalone: API and conductor in one process, and nothing beside it.

At its first start it makes a master key, a password and a file to source.
"""
import pathlib
import secrets
import sys
import threading

from baas.cmd import start

with start.service():
    import bcrypt
    from oslo_config import cfg
    from oslo_log import log
    from oslo_utils import netutils

    from baas.api import app
    from baas.api.http import server as http
    from baas.cmd import conductor as conductors
    from baas.cmd import first_key
    from baas.cmd import signals
    from baas.requests import messaging
    from baas.conductor import server
    from baas.conf import check
    from baas.db import migration
    from baas.db import session
    from baas.node.system import atomic_file

    LOG = log.getLogger(__name__)
RC_FILE = 'baasrc'
_USER = 'admin'
_FORGET = r"""# What is set for a cloud would mix with this:
# it is taken out of the shell.
for _name in $(env | sed -n 's/^\(OS_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$_name"
done
unset _name"""


@start.told
def main(argv=None):
    """Run until SIGTERM or SIGINT, or until another process has the name of
    this conductor; give the exit status."""
    conf = cfg.CONF
    check.load(sys.argv[1:] if argv is None else argv, 'baas-standalone')
    conductors.demand(conf)
    migration.refuse_newer(conf)
    stop = threading.Event()
    conductor = server.Conductor(conf, bus=False, on_replaced=stop.set)
    _prepare(conf, conductor.presence)
    signals.stop_event(stop)
    messaging.deliver_to(conductor.take)
    listener = http.build(app.build(conf), conf)
    listener.prepare()
    conductor.start()
    conductors.tell_of_groups(conf)
    serving = threading.Thread(target=listener.serve, name='http')
    serving.start()
    LOG.info('Listening on http://%s:%d', *listener.bind_addr[:2])
    stop.wait()
    LOG.info('Stopping: jobs at work are undone first')
    listener.stop()
    serving.join()
    conductor.stop()
    return int(conductor.replaced)


def _prepare(conf, presence):
    """Make what the first start makes, once nothing can be in the way."""
    state = pathlib.Path(conf.state_path)
    if state.is_dir():
        # Who is at work says more than a port that is taken.
        presence.lock()
    http.demand_port(conf)
    presence.lock()
    with session.explained():
        migration.upgrade()
        presence.take()
    first_key.at_first_start(conf, LOG)
    if conf.api.auth_strategy == 'http_basic':
        _make_password(conf, state)


def _make_password(conf, state):
    """Make password and rc file, unless there is a password file."""
    users = pathlib.Path(conf.api.http_basic_auth_user_file)
    if users.exists():
        return
    password = secrets.token_urlsafe(24)
    # The password has 192 random bits: stretching adds nothing but the time
    # that each request would wait.
    stored = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    host = netutils.escape_ipv6(conf.api.bind_host)
    endpoint = (conf.api.public_url or
                f'http://{host}:{conf.api.bind_port}')
    rc = state / RC_FILE
    _write(rc, f'{_FORGET}\n'
               f'export OS_AUTH_TYPE=http_basic\n'
               f'export OS_ENDPOINT={endpoint}\n'
               f'export OS_USERNAME={_USER}\n'
               f'export OS_PASSWORD={password}\n')
    _write(users, f'{_USER}:{stored}\n')
    LOG.warning('A password was made; use it with: source %s', rc)


def _write(path, text):
    """Write a file that nobody else may read; a start that was killed has
    left no other one with the password in it."""
    atomic_file.write(path, text, beside=f'{path}.new')


if __name__ == '__main__':
    sys.exit(main())
