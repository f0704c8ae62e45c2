# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.jobs import plans
from baas.jobs import states


class TestMoves(unittest.TestCase):

    def test_nothing_leaves_a_final_state(self):
        for state, _event in states.JOB:
            self.assertNotIn(state, states.JOB_FINAL)

    def test_every_state_of_a_job_leads_to_an_end(self):
        reached = set(states.JOB_FINAL)
        for _ in states.JOB:
            reached |= {before for (before, _event), after
                        in states.JOB.items() if after in reached}
        self.assertEqual({state for state, _event in states.JOB}
                         | states.JOB_FINAL, reached)

    def test_a_job_that_was_cancelled_never_becomes_done(self):
        after = {states.JOB[states.CANCELLING, event]
                 for state, event in states.JOB if state == states.CANCELLING}
        self.assertNotIn(states.DONE, after)
        self.assertNotIn(states.RUNNING, after)

    def test_a_backup_in_the_making_cannot_be_deleted(self):
        self.assertNotIn((states.CREATING, 'delete'), states.BACKUP)

    def test_a_backup_that_was_deleted_half_is_never_available_again(self):
        # What heals was damaged, and has not been deleted since: see
        # baas.db.backups.close_backups, which forgets the damage. Nothing was
        # deleted of what is spared.
        after = {event for (old, event), new in states.BACKUP.items()
                 if old in (states.DELETING, states.FAILED)
                 and new == states.AVAILABLE}
        self.assertEqual({'heal', 'spare'}, after)
        self.assertNotIn((states.DELETING, 'heal'), states.BACKUP)

    def test_only_what_was_available_in_the_trash_can_be_so_again(self):
        before = {old for (old, event), new in states.BACKUP.items()
                  if new == states.AVAILABLE
                  and event not in ('spare', 'heal')}
        self.assertEqual({states.CREATING, states.TRASHED}, before)

    def test_sources_tell_all_states_an_event_starts_from(self):
        self.assertEqual({states.QUEUED: states.CANCELLED,
                          states.RUNNING: states.CANCELLING,
                          states.CANCELLING: states.CANCELLING},
                         states.sources(states.JOB, 'cancel'))


class TestPlans(unittest.TestCase):

    def test_names_of_steps_are_unique_in_a_plan(self):
        for kind, plan in plans.PLANS.items():
            names = [step.name for step in plan]
            self.assertEqual(len(names), len(set(names)), kind)

    def test_what_undoes_comes_last_and_never_first(self):
        for plan in plans.PLANS.values():
            undoing = [step.undo for step in plan]
            self.assertEqual(sorted(undoing), undoing)
            self.assertFalse(undoing[0])

    def test_nothing_rests_before_the_dead_man_is_armed(self):
        names = [step.name for step in plans.build('backup')]
        self.assertLess(names.index('arm'), names.index('snapshot'))

    def test_every_step_has_its_playbook(self):
        from baas.conf import opts
        from baas.runner import playbook
        from oslo_config import cfg
        conf = cfg.ConfigOpts()
        opts.register(conf)
        conf([])
        for kind, plan in plans.PLANS.items():
            for step in plan:
                path = (playbook.folder(conf) / 'steps'
                        / plans.folder(kind))
                self.assertTrue((path / f'{step.name}.yaml').is_file(),
                                f'{kind}/{step.name}')
