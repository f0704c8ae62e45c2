# SPDX-License-Identifier: Apache-2.0
"""On SQLite one writes at a time, and the others wait for their turn."""
import threading

from baas.db import backups
from baas.db.retention import sets
from baas.db.schedule import schedules
from baas.tests import fixtures
from baas.tests.unit.db import database


class TurnsTest(database.DatabaseTest):

    def test_twenty_who_protect_one_backup_all_do(self):
        row = backups.get(fixtures.add_backup())
        self.assertEqual([True] * 20, self._together(
            lambda: sets.protect(row.set_id, True), 20))

    def test_sets_are_condemned_beside_changes_of_schedules(self):
        made = [fixtures.add_schedule(cron=f'{minute} 1 * * *')
                for minute in range(4)]
        doomed = [backups.get(fixtures.add_backup()) for _ in range(12)]
        job = fixtures.add_job(kind='cleanup', state='running')
        acts = [lambda row=row: self.assertTrue(
            sets.condemn(row.set_id, job=job, epoch=1)) for row in doomed]
        acts += [lambda id=id: self._rename(id) for id in made] * 3
        self.assertEqual([True] * len(acts), self._all(acts))

    def _rename(self, id):
        while schedules.change(schedules.get(id), name='n') is None:
            pass  # somebody was faster

    def _together(self, act, times):
        return self._all([act] * times)

    def _all(self, acts):
        """Do all at one moment; give True for each, or what it raised."""
        said, gate = [None] * len(acts), threading.Barrier(len(acts))

        def do(number, act):
            gate.wait()
            try:
                act()
                said[number] = True
            except Exception as error:
                said[number] = error

        threads = [threading.Thread(target=do, args=one)
                   for one in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return said
