"""Podman on a machine: settings, and the options that a machine of nspawn needs for it."""

from container_lab.files import put
from container_lab.containers import store

CONTAINERS = '''[containers]
# The machine has no CAP_SYS_RESOURCE: nothing may be raised above what it has.
default_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]
pids_limit = 0
keyring = false
log_size_max = 1000000

[engine]
cgroup_manager = "systemd"
events_logger = "file"
runtime = "runc"
'''

STORAGE = f'''[storage]
driver = "overlay"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"

[storage.options]
additionalimagestores = ["{store.PLACE}"]
'''


def write(root):
    """Write the settings of Podman."""
    put(root, 'etc/containers/containers.conf', CONTAINERS)
    put(root, 'etc/containers/storage.conf', STORAGE)
    put(root, 'etc/containers/policy.json', '{"default": [{"type": "insecureAcceptAnything"}]}\n')
    # No name is ever looked up: what is not in the store is not there.
    put(root, 'etc/containers/registries.conf', 'unqualified-search-registries = []\n')
    (root / 'var/log/containers/stdouts').mkdir(parents=True, exist_ok=True)
    (root / store.PLACE.lstrip('/')).mkdir(parents=True, exist_ok=True)


def options():
    """Return the options of systemd-nspawn under which containers run."""
    return ('--capability=all', '--system-call-filter=@keyring bpf', f'--bind-ro={store.folder()}:{store.PLACE}')


def environment():
    """Return variables for systemd-nspawn: runtimes of containers refuse the hybrid tree."""
    return {'SYSTEMD_NSPAWN_UNIFIED_HIERARCHY': '1'}
