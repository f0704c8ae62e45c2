# SPDX-License-Identifier: Apache-2.0
"""A conductor that looks for jobs once an hour: what it begins it has heard
of."""
import contextlib
import time
import unittest

from baas.tests.integration import mariadb
from baas.tests.integration import process
from baas.tests.integration import rabbitmq
from baas.tests.integration import service

HOUR = 3600


class BusTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(process.folder())
        parts = cls.enterClassContext(contextlib.ExitStack())
        cls.database = mariadb.MariaDB(cls.folder)
        cls.broker = rabbitmq.RabbitMQ(cls.folder)
        cls.service = service.Service(cls.folder, cls.database.url,
                                      cls.broker.url, process.free_port())
        for part in (cls.database, cls.broker, cls.service):
            parts.callback(part.stop)
        cls.database.start()
        cls.broker.start()
        cls.service.manage('db', 'sync')
        cls.service.start_api()
        # Its first look, at the start, finds nothing.
        cls.service.start_conductor('one', sweep_interval=HOUR)

    def begins(self, seconds):
        """Ask for a backup; tell whether a conductor takes it in time. One
        that nobody has taken is cancelled."""
        job = self.service.take_backup()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.service.job(job)['state'] != 'queued':
                self.service.ended(job)
                return True
            time.sleep(0.2)
        self.service('POST', f'/v1/job/{job}/cancel')
        self.service.ended(job)
        return False

    def test_a_job_begins_by_its_message(self):
        self.assertTrue(self.begins(30))

    def test_messages_are_heard_again_after_the_broker_was_away(self):
        self.assertTrue(self.begins(30))
        self.broker.kill()
        self.broker.start()
        # A message is lost while the conductor is not back at the broker.
        process.wait_until(lambda: self.begins(10),
                           'a job begins by its message')


if __name__ == '__main__':
    unittest.main()
