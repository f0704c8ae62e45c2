"""The one image of all containers, in an image store that all machines share and none can change."""

import hashlib
import pathlib
import shlex
import shutil

from container_lab import disk, places
from container_lab.running import progress, run
from container_lab.base import install
from container_lab.files import put
from container_lab.containers import cached, system

PLACE = '/usr/share/containers/lab-images'  # where machines see the store
PACKAGES = ('pacemaker-remote haproxy keepalived keystone python3-keystone uwsgi-core uwsgi-plugin-python3 '
            'python3-pymysql python3-amqp ovn-central memcached socat netbase dumb-init').split()
PROGRAMS = pathlib.Path(__file__).with_name('image')
SCRIPTS = pathlib.Path(__file__).with_name('scripts')  # what services are that are none of Debian's
_PLACES = {'healthcheck': 'openstack'}  # the others: usr/local/bin
# As TripleO tags what Pacemaker runs: by names that no registry has.
PACEMAKER_TAG = 'cluster.common.tag/{}:pcmklatest'
UNIT_TAG = 'undercloud.ctlplane.localdomain:8787/tripleowallaby/openstack-{}:current-tripleo'
KOLLA_TAG = 'quay.io/openstack.kolla/{}:2024.1-debian-bookworm'
IN_BUNDLES = 'mariadb rabbitmq haproxy cinder-volume ovn-northd'.split()
IN_UNITS = ('keystone nova-api nova-scheduler swift-object cron memcached mariadb clustercheck ovn-nb-db-server '
            'ovn-sb-db-server ovn-northd neutron-dhcp-agent ovn-metadata-agent ironic-api rabbitmq').split()
IN_KOLLA = ('mariadb-server rabbitmq haproxy keepalived keystone memcached nova-api nova-scheduler cron kolla-toolbox '
            'fluentd openvswitch-vswitchd ovn-nb-db-server ovn-sb-db-server ovn-northd neutron-metadata-agent').split()
# As in the images of Kolla: process 1 passes signals on, where a server that is process 1 itself may ignore them.
ENTRYPOINT = 'ENTRYPOINT ["dumb-init", "--single-child", "--"]'
_LEFT_OUT = ('proc sys dev run tmp boot var/lib/apt var/cache/apt var/lib/dpkg/info usr/share/doc '
             'usr/share/ieee-data var/lib/mysql var/lib/rabbitmq').split()


def digest(*more):
    """Return what changes whenever the recipe of the image's root does, or what is given beside it."""
    recipe = '\n'.join([system.digest(), *PACKAGES, *more])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def root_image():
    """Return the path of the disk that holds the root of the image."""
    return places.CACHE / f'containers-root-{digest()}.img'


def folder():
    """Return where the store is on the host."""
    content = [path.read_text() for path in sorted(PROGRAMS.iterdir())]
    return places.CACHE / f'containers-store-{digest(*content, *tags(), ENTRYPOINT, *_LEFT_OUT)}'


def tags():
    """Return all names of the image."""
    return [form.format(name) for form, names in (
        (PACEMAKER_TAG, IN_BUNDLES), (UNIT_TAG, IN_UNITS), (KOLLA_TAG, IN_KOLLA)) for name in names]


def ensure_root():
    """Make the root of the image unless it is in the cache."""
    cached.build(root_image(), _fill)


def ensure():
    """Make the store unless it is in the cache; system and root are there."""
    if folder().exists():
        return
    for old in places.CACHE.glob('containers-store-*'):
        shutil.rmtree(old)
    disk.apart(_import)


def _fill(root):
    install(root, PACKAGES)
    # Sockets of the host's Pacemaker and of this one have one name, and share a network.
    (root / 'etc/libqb').mkdir(exist_ok=True)
    (root / 'etc/libqb/force-filesystem-sockets').touch()


def write_programs(root):
    """Write the programs of this folder into the root of the image."""
    for path in PROGRAMS.iterdir():
        put(root, f'{_PLACES.get(path.name, "usr/local/bin")}/{path.name}', path.read_text(), 0o755)
    # Debian's link leads to where OVN's files were before it had a package of its own.
    agent = root / 'usr/lib/ocf/resource.d/ovn/ovndb-servers'
    agent.unlink(missing_ok=True)
    agent.symlink_to('/usr/share/ovn/scripts/ovndb-servers.ocf')


def left_out():
    """Return the options of tar for what of the root is in no image."""
    return ' '.join(f'--exclude=./{path}/*' for path in _LEFT_OUT)


def _import():
    progress('importing the image of all containers')
    unfinished = folder().with_suffix('.part')
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    tools, content = places.MOUNTS / 'containers-tools', places.MOUNTS / 'containers-content'
    disk.mount(system.image(), tools)
    disk.mount(root_image(), content)
    write_programs(content)
    podman = 'podman --root /store --runroot /run/store --storage-driver overlay --cgroup-manager cgroupfs'
    script = (f'set -e; mkdir -p /var/tmp; tar -C /content --one-file-system {left_out()} -c . | '
              f'{podman} import --quiet --change {shlex.quote(ENTRYPOINT)} - {tags()[0]}; '
              f'{podman} tag {" ".join(tags())}')
    try:
        run('systemd-nspawn', '--quiet', '--register=no', '--keep-unit', f'--directory={tools}', '--private-network',
            f'--machine={places.BADGE}-store', '--resolv-conf=off', '--timezone=off', '--link-journal=no',
            '--capability=all', '--system-call-filter=@keyring bpf', f'--bind={unfinished}:/store',
            f'--bind-ro={content}:/content', '--pipe', 'bash', '-o', 'pipefail', '-c', script)
    finally:
        disk.unmount(tools)
        disk.unmount(content)
    unfinished.rename(folder())
