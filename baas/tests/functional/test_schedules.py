# SPDX-License-Identifier: Apache-2.0
"""What of schedules depends on the configuration, or on who is faster."""
import threading
import unittest

from oslo_config import cfg
import sqlalchemy as sa
import webob

from baas.api import microversion
from baas.db.schedule import schedules
from baas.db import session
from baas.tests import fixtures


class SchedulesTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.service = fixtures.BaasFixture(auth='noauth')
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)
        self.schedule = fixtures.add_schedule()

    def ask(self, method, path='', body=None, **headers):
        request = webob.Request.blank(
            f'/v1/schedule/{self.schedule}{path}', method=method, headers={
                microversion.HEADER: microversion.value('latest'), **headers})
        if body is not None:
            request.json_body = body
            request.content_type = 'application/json'
        return request.get_response(self.service.application)

    def test_while_all_are_paused_none_has_a_next_run_but_by_hand(self):
        self.assertEqual(5, len(self.ask('GET').json['next_runs']))
        cfg.CONF.set_override('paused', True, 'schedules')
        self.assertEqual([], self.ask('GET').json['next_runs'])
        self.assertEqual(202, self.ask('POST', '/run').status_int)

    def test_one_whose_zone_is_gone_is_shown_and_can_be_put_right(self):
        with session.writer() as connection:
            connection.execute(sa.update(schedules.SCHEDULES).values(
                timezone='Gone/With_An_Update'))
        self.assertEqual([], self.ask('GET').json['next_runs'])
        for status, body in ((200, {'enabled': False}),
                             (400, {'enabled': True}),
                             (200, {'may_overlap': True}),
                             (400, {'enabled': True}),
                             (200, {'timezone': 'Europe/Berlin'}),
                             (200, {'enabled': True})):
            answer = self.ask('PATCH', body=body, **{'If-Match': '*'})
            self.assertEqual(status, answer.status_int, answer.text)
            if status == 400:
                self.assertIn('Argument timezone', answer.text)

    def test_of_many_who_change_what_they_have_seen_one_does(self):
        together, answers = threading.Barrier(4), []

        def change(number):
            together.wait()
            answers.append(self.ask('PATCH', body={'name': f'n{number}'},
                                    **{'If-Match': '"1"'}))

        threads = [threading.Thread(target=change, args=(number,))
                   for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([200, 412, 412, 412], sorted(
            answer.status_int for answer in answers))
        [name] = [answer.json['name'] for answer in answers
                  if answer.status_int == 200]
        self.assertEqual((name, 2), (schedules.get(self.schedule).name,
                                     schedules.get(self.schedule).revision))
