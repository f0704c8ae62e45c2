"""Docker on a machine: its settings, and a disk on which its image is."""

import hashlib
import json
import pathlib
import shlex

from container_lab import base, disk, places
from container_lab.containers import cached, seed, store
from container_lab.files import put
from container_lab.running import progress, run

PACKAGES = ['docker.io']
# As far as a machine without a kernel of its own allows it; services have the network of the host.
SETTINGS = {'iptables': False, 'bridge': 'none', 'ip-forward': False, 'storage-driver': 'overlay2',
            'exec-opts': ['native.cgroupdriver=systemd'], 'log-opts': {'max-size': '1m'}}
_SCRIPT = '''set -e
dockerd > /tmp/dockerd.log 2>&1 & server=$!
for _ in $(seq 300); do docker info > /dev/null 2>&1 && break; sleep 0.1; done
docker info > /dev/null || {{ tail -n 3 /tmp/dockerd.log >&2; exit 1; }}
tar -C /content --one-file-system {left_out} -c . | docker import --change {entrypoint} - {first} > /dev/null
for tag in {tags}; do docker tag {first} $tag; done
kill $server; wait $server || true
'''


def image():
    """Return the path of the cached disk, made already or not."""
    recipe = '\n'.join([store.digest(), str(seed.image('controller')), str(store.folder()),
                        pathlib.Path(__file__).read_text()])
    return places.CACHE / f'containers-docker-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}.img'


def ensure():
    """Make the disk unless it is in the cache."""
    cached.build(image(), _fill, seed.image('controller'))


def write(root):
    """Write the settings of Docker."""
    put(root, 'etc/docker/daemon.json', json.dumps(SETTINGS, indent=1) + '\n')
    run('systemctl', f'--root={root}', 'enable', 'docker.service')


def _fill(root):
    base.install(root, PACKAGES)
    run('systemctl', f'--root={root}', 'disable', 'docker.socket', 'containerd.service')
    # The machine that imports has other control groups than the one that runs.
    put(root, 'etc/docker/daemon.json', json.dumps({
        'iptables': False, 'bridge': 'none', 'ip-forward': False, 'storage-driver': 'overlay2'}))
    progress('importing the image of all containers into Docker')
    content = places.MOUNTS / 'containers-docker-content'
    disk.mount(store.root_image(), content)
    store.write_programs(content)
    first, *tags = [store.KOLLA_TAG.format(name) for name in store.IN_KOLLA]
    script = _SCRIPT.format(left_out=store.left_out(), entrypoint=shlex.quote(store.ENTRYPOINT), first=first,
                            tags=' '.join(tags))
    try:
        run('systemd-nspawn', '--quiet', '--register=no', '--keep-unit', f'--directory={root}', '--private-network',
            f'--machine={places.BADGE}-store', '--resolv-conf=off', '--timezone=off', '--link-journal=no',
            '--capability=all', '--system-call-filter=@keyring bpf', f'--bind-ro={content}:/content',
            '--pipe', 'bash', '-o', 'pipefail', '-c', script)
    finally:
        disk.unmount(content)
