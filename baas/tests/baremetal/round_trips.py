# SPDX-License-Identifier: Apache-2.0
"""What all round trips share: a machine, a service, and what of the machine
must be as it was."""
import gzip
import shutil
import subprocess
import unittest

from baas.tests.baremetal import metal
from baas.tests.baremetal import service

HOUR = 3600
OTHER_CARD = '52:54:00:78:00:20'
# What must be as it was: who the machine is, rows of its database, and
# files of every awkward kind with all that belongs to them.
IDENTITY = (
    'hostname; cat /etc/machine-id; sha256sum /etc/ssh/ssh_host_*_key; '
    'cat /etc/fstab; ip -o -4 address show dev host0 | cut -d" " -f7')
ROWS = 'mariadb -N -e "SELECT COUNT(*), SUM(amount) FROM labdb.ledger"'
FILES = (
    # Not all names are text; the size of a folder is its file system's.
    'cd /srv/lab; { find . ! -type d -printf "%p %y %m %U %G %s %T@ %n %l\\n" '
    '| sort; find . -type d -printf "%p %m %U %G %T@\\n" | sort; '
    'find . -type f -print0 | sort -z | xargs -0 sha256sum; '
    'find . -print0 | sort -z | xargs -0 getfattr -h -d -m- -e hex '
    '2>/dev/null; } | cat -v')


class RoundTrip(unittest.TestCase):
    """The machine of the lab with a service of its own."""

    def setUp(self):
        super().setUp()
        metal.lab('up', *self.lab_options)
        self.service = service.Service()
        self.addCleanup(self.service.remove)

    lab_options, mechanism = (), 'ramdisk'

    def seen(self):
        """Give what the machine is and has (dict)."""
        return {name: metal.on(script, 900) for name, script in (
            ('identity', IDENTITY), ('rows', ROWS), ('files', FILES))}

    def start(self, **options):
        self.service.configure(**options)
        self.service.start()

    def back_up(self):
        """Take a backup; give it."""
        metal.on('sync; echo 3 >/proc/sys/vm/drop_caches')
        job = self.service.submit('/v1/backup/overcloud?stopall=no')
        job = self.service.wait(job['id'], 2 * HOUR)
        self.assertEqual('done', job['state'], job['error'])
        [backup] = self.service.backups(node=metal.NODE)
        return backup

    def restore(self, backup):
        """Bring the machine back; give the job and the lines of its log."""
        job = self.service.submit(
            f'/v1/restore/{backup["id"]}/{metal.NODE}')
        job = self.service.wait(job['id'], 2 * HOUR)
        log = self.service.call(
            'GET', f'/v1/job/{job["id"]}/log?limit=1000')[1]
        lines = [line['message'] for line in log['events']]
        self.assertEqual('done', job['state'],
                         (job['error'], lines[-40:]))
        # What the rescue system thinks of itself, before anybody logs in.
        self.assertNotIn('Possibly corrupted', metal.console_log())
        return job, lines

    def demand_same(self, before):
        self.maxDiff = 4000
        after = self.seen()
        for name, value in before.items():
            self.assertEqual(value, after[name], name)

    def round_trip(self, *wreck, **options):
        """Back up, lose the disks, restore, and compare."""
        self.start(**options)
        before = self.seen()
        backup = self.back_up()
        self.demand_no_secret()
        metal.lab('wreck', *wreck)
        job, lines = self.restore(backup)
        self.demand_same(before)
        return job, lines

    def demand_no_secret(self):
        """See that the image of the rescue system has no key in it."""
        [path] = [path for path in (
            self.service.stored / metal.NODE / 'rescue').iterdir()
            if path.stat().st_size > 50 << 20]
        place = self.service.state / 'image'
        place.mkdir()
        with gzip.open(path) as image:
            subprocess.run(['cpio', '--quiet', '-idm'], cwd=place,
                           input=image.read(), check=True)
        self.addCleanup(shutil.rmtree, place)
        self.assertTrue((place / 'bin' / 'python3').is_file())
        for name in place.rglob('*'):
            self.assertNotRegex(
                str(name.relative_to(place)), r'ssh_host_.*key|authorized_keys'
                r'|\.ssh/id_|^etc/shadow|\.my\.cnf')
        # Programs that know such files have their first line in them, too.
        for folder in ('etc', 'root', 'var'):
            for name in (place / folder).rglob('*'):
                if name.is_file() and not name.is_symlink():
                    self.assertNotIn(b'PRIVATE KEY-----', name.read_bytes(),
                                     name)
