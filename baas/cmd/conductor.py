# SPDX-License-Identifier: Apache-2.0
"""baas-conductor: carries out jobs, beside as many others as wanted."""
import sys
import threading

from baas.cmd import start

with start.service():
    from oslo_config import cfg
    from oslo_log import log

    from baas.cmd import signals
    from baas.requests import messaging
    from baas.conductor import limits
    from baas.conductor import server
    from baas.conf import check
    from baas.db import clouds
    from baas.db import migration
    from baas.db import session
    from baas import errors
    from baas.runner import inventory
    from baas.runner import listing
    from baas.runner import playbook
    from baas.storage import payloads

    LOG = log.getLogger(__name__)


@start.told
def main(argv=None):
    """Run until SIGTERM or SIGINT, or until another process has the name of
    this conductor; give the exit status."""
    check.load(sys.argv[1:] if argv is None else argv, 'baas-conductor')
    demand(cfg.CONF)
    messaging.demand_url(cfg.CONF)
    migration.refuse_newer(cfg.CONF)
    stop = threading.Event()
    conductor = server.Conductor(on_replaced=stop.set)
    conductor.presence.lock()
    with session.explained():
        if migration.is_behind():
            raise session.DatabaseError(
                reason='The database does not have the tables of this '
                       'version',
                remedy='Run "baas-manage db sync"')
        conductor.presence.take()
        clouds.own(cfg.CONF)  # for APIs, which need not have the key
    signals.stop_event(stop)
    conductor.start()
    tell_of_groups(cfg.CONF)
    LOG.info('Conductor %s is ready', conductor.conf.conductor.host)
    stop.wait()
    LOG.info('Stopping: jobs at work are undone first')
    conductor.stop()
    return int(conductor.replaced)


def demand(conf):
    """Make sure that there is what each conductor needs.

    :raises ConfigurationError: something is missing; it is named.
    """
    session.configure(conf)
    session.demand_url(conf)
    limits.demand(conf)
    playbook.folder(conf)
    listing.demand(conf.runner.inventory)
    payloads.of(conf.payload.kind).require(conf)


def tell_of_groups(conf):
    """Write into the log which groups of [targets] the inventory does not
    have. It may have them once a job needs them, and to read it may take
    long: nobody waits for this."""
    def look():
        try:
            absent = inventory.absent_groups(conf)
        except errors.BaasError as error:
            LOG.warning('%s %s', error, error.hint)
        else:
            for cause, hint in absent:
                LOG.warning('%s. %s.', cause, hint)

    threading.Thread(target=look, daemon=True, name='groups').start()


if __name__ == '__main__':
    sys.exit(main())
