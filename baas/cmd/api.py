# SPDX-License-Identifier: Apache-2.0
"""baas-api: the HTTP service."""
import sys
import threading

from baas.cmd import start

with start.service():
    from oslo_log import log

    from baas.api import app
    from baas.api.http import server
    from baas.api.http import start as start_of_api
    from baas.cmd import signals

    LOG = log.getLogger(__name__)


@start.told
def main(argv=None):
    """Serve until SIGTERM or SIGINT; requests at work are answered first.

    :returns: exit status (int).
    """
    conf = start_of_api.load(sys.argv[1:] if argv is None else argv)
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
