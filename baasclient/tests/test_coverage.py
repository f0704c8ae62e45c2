# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup coverage, and what those who wait are told
of new gaps."""
import uuid

from baas.db.coverage import coverages
from baas.db import jobs
from baas.jobs.coverage import gaps
from baas.jobs.coverage import report
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor

SHOW = ('control', 'plane', 'backup', 'coverage')
CHECK = ('overcloud', 'backup', 'create', '--check-only')
LOOKED = {'': ['secret', 'machine'], **{
    node: ['filesystem', 'service'] for node in conductor.NODES}}


def on_each(kind, what, text, harmless=False, **more):
    """Make a gap of each controller."""
    return [{**gaps.gap(node, kind, what, 'r', text, harmless), **more}
            for node in conductor.NODES]


KEY = gaps.gap(None, 'secret', 'master key', 'needed', 'Keep a copy.')
OLD = on_each('filesystem', '/old', 'It is far.')
SRV = on_each('filesystem', '/srv/far', 'It is on another machine.',
              used_bytes=7 << 30, fstype='nfs4')
KERNEL = on_each('filesystem', '/proc', 'The kernel.', True)


def history(*found):
    """Give what the set before lacked, as :func:`report.build` takes it."""
    return [{'set_id': str(uuid.uuid4()), 'gaps': list(found),
             'looked': LOOKED}]


class ShowTest(base.ShellTestCase):

    def covered(self, *found, before=None):
        """Write a set that lacks something; give its backup."""
        self.set = service.add_job()
        coverages.write(self.set, 1, report.build(
            found, LOOKED, [] if before is None else before))
        return service.add_backup(set_id=self.set)

    def test_new_comes_first_and_closed_last_each_in_one_row(self):
        before = history(KEY, *OLD)
        id = self.covered(KEY, *SRV, *KERNEL, before=before)
        ended = self.openstack(*SHOW, id, '-f', 'json')
        nodes = list(conductor.NODES)
        self.assertEqual([
            ['new', 'filesystem', ['/srv/far'], nodes, 7 << 30,
             'It is on another machine.'],
            [None, 'secret', ['master key'], [], None, 'Keep a copy.'],
            ['closed', 'filesystem', ['/old'], nodes, None, 'It is far.']],
            [list(row.values()) for row in ended.json])
        self.assertEqual([
            'Compared with set %s.' % before[0]['set_id'],
            '3 more are harmless; --all shows them.'],
            ended.err.splitlines())

    def test_the_table_is_for_eyes(self):
        id = self.covered(KEY, *SRV, *KERNEL, before=history(KEY))
        shown = self.openstack(*SHOW, id, '--all').out
        for line in (r'\| Change \| Kind +\| What +\| Nodes +\| Used +\| Why',
                     r'\| new +\| file system \| /srv/far +\| controller-0 \| '
                     r'7\.0 GiB \| It is on another machine\.',
                     r'\| - +\| secret +\| master key \| - +\| - ',
                     r'\| file system \| /proc '):
            self.assertRegex(shown, line)

    def test_what_is_missing_for_one_reason_is_one_row(self):
        machines = [gaps.gap(None, 'machine', f'compute-{number:02}', 'no',
                             'No target has it.') for number in range(30)]
        id = self.covered(*machines)
        rows = self.openstack(*SHOW, id, '-f', 'json').json
        self.assertEqual([[one['what'] for one in machines]],
                         [row['What'] for row in rows])
        self.assertIn('and 25 more', self.openstack(*SHOW, id).out)
        self.assertIn('compute-29', self.openstack(*SHOW, id, '--all').out)

    def test_names_are_ids_of_backups_sets_and_jobs_names_and_last(self):
        id = self.covered(KEY)
        for reference in (id, self.set, 'nightly', 'last'):
            self.assertIn('master key',
                          self.openstack(*SHOW, reference).out)
        self.assertIn('master key', self.openstack(
            'backup', 'coverage', 'last').out)

    def test_a_set_of_which_nothing_is_known_fails_with_words(self):
        lines = self.refused(*SHOW, service.add_backup())
        self.assertIn('It is not known what set', ' '.join(lines))

    def test_a_backup_and_a_job_tell_it_in_words(self):
        id = self.covered(KEY, *SRV, before=history(KEY))
        for words in (('backup', 'show', id), ('backup', 'job', 'show',
                                               self.set)):
            shown = ' '.join(self.openstack(
                'control', 'plane', *words, '-f', 'value', '-c', 'coverage'
            ).out.split())
            self.assertIn('file system /srv/far', shown)


class WaitTest(base.ShellTestCase):

    def waited(self, *words, found, before=(), code=0):
        """Wait while a conductor finds gaps; give the command as it ended."""
        running = self.start(*words)
        work = conductor.Work(conductor.queued())
        coverages.write(work.id, jobs.get(work.id).epoch, report.build(
            found, LOOKED, before))
        work.run('check')
        work.foresee()
        work.finish()
        self.job = work.id
        ended = running.finish()
        self.assertEqual(code, ended.code, ended.err)
        return ended

    def told(self, ended):
        return [line for line in ended.err.splitlines()
                if line.startswith(('Warning', 'Show all'))]

    def test_who_waits_for_a_backup_is_warned_of_a_new_gap(self):
        ended = self.waited('overcloud', 'backup', 'create', '--wait',
                            found=[KEY, *SRV], before=history(KEY))
        self.assertEqual([
            'Warning: new, and not in this backup: file system /srv/far of '
            'controller-0, controller-1, controller-2. It is on another '
            'machine.',
            'Show all with: openstack control plane backup coverage %s'
            % self.job], self.told(ended))

    def test_the_same_as_last_time_warns_of_nothing(self):
        ended = self.waited('overcloud', 'backup', 'create', '--wait',
                            found=[KEY, *SRV], before=history(KEY, *SRV))
        self.assertEqual([], self.told(ended))

    def test_the_first_set_is_told_how_much_it_lacks(self):
        ended = self.waited('overcloud', 'backup', 'create', '--wait',
                            found=[KEY, *SRV, *KERNEL])
        self.assertEqual(
            'Warning: Not in it: 1 secret, 3 file systems.',
            self.told(ended)[0])

    def test_a_check_warns_and_shows_it(self):
        ended = self.waited(*CHECK, found=[KEY, *SRV], before=history(KEY))
        self.assertEqual(2, len(self.told(ended)))
        self.assertRegex(ended.out, r'coverage +\| Not in it: 1 secret, '
                         r'3 file systems\.')

    def test_a_quiet_command_says_nothing(self):
        ended = self.waited('-q', *CHECK, found=[KEY], before=history())
        self.assertEqual('', ended.err)
