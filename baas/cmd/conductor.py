# SPDX-License-Identifier: Apache-2.0
"""baas-conductor: carries out jobs, beside as many others as wanted."""
import sys

from oslo_log import log

from baas.cmd import failure
from baas.cmd import signals
from baas.conductor import server
from baas.conf import opts
from baas.db import session

LOG = log.getLogger(__name__)


@failure.told
def main():
    """Run until SIGTERM or SIGINT; give the exit status."""
    opts.load(sys.argv[1:], 'baas-conductor')
    session.configure()
    conductor = server.Conductor()
    stop = signals.stop_event()
    conductor.start()
    LOG.info('Conductor %s is ready', conductor.conf.conductor.host)
    stop.wait()
    LOG.info('Stopping: jobs at work are undone first')
    conductor.stop()
    return 0
