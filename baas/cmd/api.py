# SPDX-License-Identifier: Apache-2.0
"""baas-api: the HTTP service."""
import sys
import threading

from baas.cmd import start

with start.service():
    from oslo_config import cfg
    from oslo_log import log

    from baas.api import app
    from baas.api.http import server
    from baas.cmd import signals
    from baas.requests import messaging
    from baas.conf import check
    from baas.db import migration
    from baas.db import session

    LOG = log.getLogger(__name__)


@start.told
def main(argv=None):
    """Serve until SIGTERM or SIGINT; requests at work are answered first.

    :returns: exit status (int).
    """
    check.load(sys.argv[1:] if argv is None else argv, 'baas-api')
    conf = cfg.CONF
    session.configure(conf)
    session.demand_url(conf)
    messaging.demand_url(conf)
    migration.refuse_newer(conf)
    server.demand_port(conf)
    listener = server.build(app.build(conf), conf)
    stop = signals.stop_event()
    listener.prepare()
    serving = threading.Thread(target=listener.serve, name='http')
    serving.start()
    LOG.info('Listening on http://%s:%d', *listener.bind_addr[:2])
    stop.wait()
    listener.stop()
    serving.join()
    return 0


if __name__ == '__main__':
    sys.exit(main())
