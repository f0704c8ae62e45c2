# SPDX-License-Identifier: Apache-2.0
"""The service dies while its own database is quiesced."""
import signal

from baas.tests.lab import test_lab
from baas.tests.lab import test_undercloud

setUpModule = test_lab.setUpModule


class TestKill(test_undercloud.UndercloudTest):

    def test_a_service_killed_meanwhile_closes_the_job_when_it_is_back(self):
        test_lab.service.restart(database=self.url)
        job = test_lab.service.submit('/v1/backup/undercloud?stopall=yes')
        while test_lab.service.call('GET', '/v1/backup')[0] != 503:
            pass
        test_lab.service.stop(signal.SIGKILL)
        test_lab.service.start()
        ended = test_lab.service.wait(job['id'], 300)
        self.assertEqual('error', ended['state'])
        self.assertIn('is gone', ended['error']['cause'])
        self.assert_as_before()
        self.assert_done(test_lab.service.backup('undercloud'))
