# SPDX-License-Identifier: Apache-2.0
"""A journal that another version of the program has written."""
import json
import subprocess
import sys
import time

from baas.node import errors
from baas.node import journal
from baas.node import main
from baas.node.quiesce import deadman
from baas.node.quiesce import resume
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

UNIT = {'kind': 'unit', 'unit': 'a.service', 'was': 'active', 'stage': 1}
# What nobody knows yet, and one of a known kind that lacks what it should.
STRANGE = ({'kind': 'teleport', 'thing': 'b', 'stage': 2},
           {'kind': 'unit', 'stage': 3}, {'kind': 'podman', 'stage': 4,
                                          'thing': ''})


class UnknownFormatTest(base.NodeTest):

    def have(self, format, **more):
        """Have a journal of a format; give its text."""
        keys = dict({'undos': [UNIT], 'boot_id': clock.boot_id(),
                     'deadline': 0.0, 'deadline_boot': clock.boot_id()},
                    **more)
        self.journal = self.write_journal(format=format, **keys)
        return self.text()

    def text(self):
        with open(self.journal) as handle:
            return handle.read()

    def state(self):
        return standins.read(self, 'units.json')['a.service']['ActiveState']

    def test_it_is_refused_with_its_format_and_its_place(self):
        for format in (99, None, '1'):
            text = self.have(format)
            for attempt in (
                    journal.load,
                    lambda: journal.begin(base.JOB, 2, 'backup'),
                    lambda: journal.check_epoch(base.JOB, 2),
                    lambda: journal.check_epoch(base.OTHER, 2, True),
                    lambda: journal.close(base.JOB, 2),
                    journal.edit(base.JOB, 2).__enter__):
                with self.assertRaises(journal.UnknownFormat) as caught:
                    attempt()
                for word in (str(format), self.journal, base.JOB):
                    self.assertIn(word, caught.exception.cause)
            self.assertEqual(text, self.text())

    def test_one_that_names_no_format_is_refused(self):
        self.journal = self.write('state/journal.json', json.dumps(
            {'job': base.JOB, 'epoch': 1, 'undos': []}))
        with self.assertRaisesRegex(journal.UnknownFormat, 'format None'):
            journal.load()

    def test_a_closed_one_may_be_removed_and_an_open_one_not(self):
        self.have(99, closed=True, undos=[])
        with self.assertRaises(journal.UnknownFormat) as caught:
            journal.begin(base.OTHER, 1, 'backup')
        self.assertIn('Remove', caught.exception.hint)
        self.have(99)
        with self.assertRaises(journal.UnknownFormat) as caught:
            journal.begin(base.OTHER, 1, 'backup')
        self.assertNotIn('Remove', caught.exception.hint)

    def test_a_damaged_one_is_named(self):
        for text in ('', '{"job"', '[]', '{}', 'null '):
            path = self.write('state/journal.json', text)
            if text.strip() != 'null':
                with self.assertRaisesRegex(errors.NodeError,
                                            path + ' is damaged'):
                    journal.load()

    def test_what_was_stopped_is_resumed_and_the_journal_stays(self):
        for undos in ([UNIT], [UNIT] + list(STRANGE)):
            standins.units(self, a__service={'ActiveState': 'inactive'})
            text = self.have(99, undos=undos)
            with self.assertRaises(journal.UnknownFormat) as caught:
                resume.resume(self.asked('resume', wait=10))
            self.assertEqual({'started': ['a.service']},
                             caught.exception.result)
            self.assertEqual('active', self.state())
            self.assertEqual(text, self.text())

    def test_what_it_lacks_keeps_nothing_else_from_being_woken(self):
        standins.units(self, a__service={'ActiveState': 'inactive'})
        standins.scripts(self, mariadb='exit 1')
        standins.process(self, 'mariadbd')
        text = self.have(99, undos=[
            UNIT, {'kind': 'unit', 'unit': 'ghost.service', 'stage': 2},
            {'kind': 'desync'}])
        self.assertEqual(['a.service'],
                         resume.wake(json.loads(text), 10))
        self.assertEqual('active', self.state())

    def test_a_lower_epoch_resumes_nothing(self):
        standins.units(self, a__service={'ActiveState': 'inactive'})
        self.have(99, epoch=7)
        with self.assertRaisesRegex(errors.NodeError, 'Epoch 1'):
            resume.resume(self.asked('resume', wait=10))
        self.assertEqual('inactive', self.state())

    def test_the_dead_man_resumes_at_the_deadline_and_not_before(self):
        self.addCleanup(setattr, deadman, '_FOREIGN', deadman._FOREIGN)
        deadman._FOREIGN = 1
        standins.units(self, a__service={'ActiveState': 'inactive'})
        for deadline, state in ((clock.boottime() + 99, 'inactive'),
                                (clock.boottime(), 'active')):
            text = self.have(99, deadline=deadline)
            with self.assertRaises(journal.UnknownFormat) as caught:
                journal.load()
            deadman.wake_foreign(caught.exception)
            self.assertEqual(state, self.state())
            self.assertEqual(text, self.text())


@base.needs_root
class VerbTest(base.NodeTest):

    def test_every_verb_but_status_and_resume_refuses_it(self):
        self.write_journal(format=99, undos=[])
        for words in [[verb] for verb in main.VERBS] + [
                ['follow', 'capture'], ['stop', 'capture']]:
            with self.subTest(words[0]):
                status, said = self.call(*words, '--epoch', '1')
                self.assertEqual(1, status)
                self.assertIn('format 99', said['error']['cause'])
                self.assertEqual(words[0] == 'resume', 'result' in said)

    def test_the_dead_man_of_another_version_stays_and_resumes(self):
        standins.units(self, a__service={'ActiveState': 'inactive'})
        path = self.write_journal(format=99, undos=[UNIT], deadline=0.0,
                                  boot_id=clock.boot_id(),
                                  deadline_boot=clock.boot_id())
        process = subprocess.Popen(
            [sys.executable, base.program(), 'watch'],
            stderr=subprocess.DEVNULL, env=self.environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until = time.monotonic() + 30
        while standins.read(self, 'units.json')['a.service'][
                'ActiveState'] != 'active' and time.monotonic() < until:
            time.sleep(0.1)
        self.assertLess(time.monotonic(), until)
        self.assertIsNone(process.poll())
        with open(path) as handle:
            self.assertEqual([UNIT], json.load(handle)['undos'])

    def test_status_shows_it(self):
        self.write_journal(format=99)
        out = subprocess.run(
            [sys.executable, base.program(), 'status'],
            stdout=subprocess.PIPE, env=self.environment()).stdout
        self.assertEqual(99, json.loads(out.decode())['format'])
