# SPDX-License-Identifier: Apache-2.0
"""The working folder of a job on its conductor."""
import contextlib
import pathlib
import shutil

from oslo_config import cfg
from oslo_log import log

from baas.node.system import atomic_file
from baas.runner import node_program

LOG = log.getLogger(__name__)


class Workdir:
    """Where a job keeps its files: closed to others, secrets apart.

    ``secrets/<node>/`` is copied to the nodes and wiped at the end, and so is
    ``rescue/<node>/``, the keys of their rescue systems, which is not copied;
    ``<step>-<epoch>/`` is what Ansible did.

    :param job_id: id of the job.
    """

    def __init__(self, job_id, conf=cfg.CONF):
        self.path = root(conf) / job_id
        self.secrets = self.path / 'secrets'
        self.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.rescue = self.path / 'rescue'

    def step(self, name, epoch):
        """Give the folder for one run of a step."""
        return self.path / f'{name}-{epoch}'

    def program(self, tools):
        """Lay out what is brought to nodes: the node program and tools.

        :param tools: mapping of name on the node to the path of a binary.
        """
        place = self.path / 'program'
        if not place.exists():
            fresh = self.path / 'program.new'
            shutil.rmtree(fresh, ignore_errors=True)
            (fresh / 'bin').mkdir(parents=True)
            node_program.build(fresh / 'baas-node')
            for name, path in tools.items():
                (fresh / 'bin' / name).symlink_to(path)
            fresh.rename(place)

    def secret(self, node, name, content):
        """Write a secret for a node.

        :param content: bytes.
        :returns: path of the file.
        """
        place = self.secrets / node
        place.mkdir(mode=0o700, exist_ok=True)
        path = place / name
        atomic_file.write(path, content)
        return path

    def write(self, name, value):
        """Write a JSON file that holds no secret; give its path."""
        path = self.path / name
        atomic_file.write_json(path, value)
        return path

    def wipe(self):
        """Remove the secrets; may be called again."""
        _wipe(self.path)


def root(conf=cfg.CONF):
    """Give the folder of all jobs of this conductor, made when missing."""
    # By name: conductors that share a state folder tidy up their own only.
    path = pathlib.Path(conf.state_path) / 'jobs' / conf.conductor.host
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def tidy(is_active, conf=cfg.CONF):
    """Wipe the secrets of jobs that are no longer active, which a conductor
    that died has left, and drop the oldest folders.

    :param is_active: tells for the id of a job whether it is at work here;
        asked at the last moment, for jobs begin meanwhile.
    """
    ended = []
    for place in list(root(conf).iterdir()):
        if not is_active(place.name):
            _wipe(place)
            with contextlib.suppress(FileNotFoundError):
                ended.append((place.stat().st_mtime, place))
    ended.sort(reverse=True)
    for _, place in ended[conf.runner.keep_folders:]:
        LOG.debug('Folder %s of an ended job is dropped', place)
        shutil.rmtree(place, ignore_errors=True)


def _wipe(place):
    for name in ('secrets', 'rescue'):
        shutil.rmtree(place / name, ignore_errors=True)
        if (place / name).exists():
            LOG.error('Secrets are left in %s and cannot be removed',
                      place / name)
