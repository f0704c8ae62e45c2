# SPDX-License-Identifier: Apache-2.0
"""The conductor: hears that jobs wait, and looks for those nobody told of."""
from concurrent import futures
import threading
import time

from oslo_config import cfg
from oslo_log import log
import oslo_messaging

from baas.conductor import boot_cleanup
from baas.conductor import presence
from baas.conductor import recovery
from baas.conductor.retention import purge
from baas.conductor.schedules import duties
from baas.conductor import supervisor
from baas.conductor.verification import daily
from baas.conductor import workdir
from baas.db import jobs
from baas.db import session
from baas.requests import messaging

LOG = log.getLogger(__name__)
_GRACE = 5  # seconds in which a broker that is there has answered


class Conductor:
    """Runs jobs in threads until it is stopped.

    :param bus: False when jobs are handed over in this process, so that no
        message bus is listened to.
    :param on_replaced: called without arguments when another process has
        taken the name of this conductor: the program must end.

    :ivar presence: its :class:`baas.conductor.presence.Presence`.
    :ivar replaced: True when that has happened.
    """

    def __init__(self, conf=cfg.CONF, bus=True, on_replaced=lambda: None):
        self.conf = conf
        self.presence = presence.Presence(conf)
        self.replaced = False
        self._on_replaced = on_replaced
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._pool = futures.ThreadPoolExecutor(
            conf.conductor.workers, thread_name_prefix='job')
        self._lock = threading.Lock()
        self._at_work = {}
        # After the database was away its clock went on while nobody could
        # renew: wait a full lease before any job counts as lost.
        self._patience_until = 0.0
        # The first look takes up what an earlier run of this name has left,
        # if that is known to be dead.
        self._is_settled = False
        self._schedules = duties.Duties(conf)
        self._server = oslo_messaging.get_rpc_server(
            oslo_messaging.get_rpc_transport(conf),
            messaging.target(conf.conductor.host),
            [Endpoint(self)]) if bus else None
        self._listener = threading.Thread(target=self._listen, daemon=True,
                                          name='listener')
        self._sweeper = threading.Thread(target=self._sweep_on, daemon=True,
                                         name='sweeper')
        self._heart = threading.Thread(target=self._beat_on, daemon=True,
                                       name='heartbeat')

    def start(self):
        """Take up what an earlier run of this conductor left, then listen.

        :raises baas.conductor.lock.AtWork: another process has the name.
        """
        self.presence.take()
        self._heart.start()
        self._sweeper.start()
        if self._server:
            self._listener.start()
            # A message sent before anybody listens waits for a sweep.
            self._listener.join(_GRACE)

    def stop(self):
        """Stop listening, stop jobs, undo what they began, and return."""
        self._stopping.set()
        if self._server and not self._listener.is_alive():
            self._server.stop()
            self._server.wait()
        self._pool.shutdown(wait=True)
        self._ended.set()
        self._sweeper.join()
        self._heart.join()
        self.presence.leave()

    def _listen(self):
        # This waits for as long as the broker is away; meanwhile the sweep
        # finds jobs, and the conductor can be stopped.
        self._server.start()
        LOG.info('Conductor %s hears the message bus',
                 self.conf.conductor.host)

    def take(self, job_id, act=None):
        """Begin a job in a thread of its own, unless it is at work here.

        :param act: what to do with it; None to claim and carry it out.
        """
        with self._lock:
            if job_id in self._at_work or self._stopping.is_set():
                return
            self._at_work[job_id] = self._pool.submit(
                self._do, job_id,
                act
                or (lambda: supervisor.run(job_id, self._stopping, self.conf)))

    def _do(self, job_id, act):
        try:
            act()
        except Exception:
            LOG.exception('Job %s could not be worked on', job_id)
        finally:
            with self._lock:
                self._at_work.pop(job_id, None)

    def _beat_on(self):
        # Until the last job is undone: nobody may have the name before.
        while not self._ended.wait(self.conf.conductor.lease / 6):
            try:
                if self.presence.beat():
                    continue
            except Exception as error:
                LOG.warning('The heartbeat of conductor %s failed: %s',
                            self.conf.conductor.host, error)
                continue
            LOG.error('Another process has taken the name of conductor %s; '
                      'this one ends', self.conf.conductor.host)
            self.replaced = True
            self._stopping.set()
            return self._on_replaced()

    def _sweep_on(self):
        while not self._stopping.is_set():
            self.sweep()
            self._stopping.wait(self.conf.conductor.sweep_interval)

    def sweep(self):
        """Do each duty of the sweep once; one that fails leaves the others
        at work, and is tried again in the next."""
        for duty, what in ((self._take_over, 'takes over lost jobs'),
                           (self._collect, 'has pending boot settings put '
                                           'back'),
                           (self._schedules.do, 'looks after schedules'),
                           (self._empty_trash, 'empties the trash'),
                           (self._begin_daily, 'begins the verification of '
                                               'the day'),
                           (self._take_queued, 'takes up queued jobs'),
                           (self._tidy, 'tidies up working folders')):
            try:
                duty()
            except Exception as error:
                if session.is_away(error):
                    LOG.warning('The database did not answer the sweep that '
                                '%s: %s', what, error)
                    self._patience_until = (time.monotonic()
                                            + self.conf.conductor.lease)
                else:
                    LOG.exception('The sweep that %s has failed', what)

    def _take_over(self):
        left = []
        if self.presence.was_dead and not self._is_settled:
            left = jobs.by_owner(self.conf.conductor.host)
        if time.monotonic() > self._patience_until:
            left += jobs.expired()
        for job in left:
            self.take(job.id, lambda job=job: recovery.take_over(
                job, self.conf))
        self._is_settled = True

    def _collect(self):
        boot_cleanup.collect(self.conf)

    def _empty_trash(self):
        purge.empty(self.conf)

    def _begin_daily(self):
        daily.begin_due(self.conf)

    def _take_queued(self):
        for job_id in jobs.queued():
            self.take(job_id)

    def _tidy(self):
        workdir.tidy(self._is_at_work, self.conf)

    def _is_at_work(self, job_id):
        with self._lock:
            return job_id in self._at_work


class Endpoint:
    """What other processes may ask a conductor over the bus."""
    target = oslo_messaging.Target(version=messaging.VERSION)

    def __init__(self, conductor):
        self._conductor = conductor

    def run(self, context, job_id):
        """Take up a queued job.

        :param context: not used; who asked is on the job.
        """
        self._conductor.take(job_id)
