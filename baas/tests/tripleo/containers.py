# SPDX-License-Identifier: Apache-2.0
"""What machines have of containers, to be held against what they had."""
from baas.tests.lab import machines
from baas.tests.lab import service as services

# Those of bundles and of agents are made anew by their nature.
_LOOK = '''set -e
podman ps --all --no-trunc --sort names \
    --format '{{.ID}} {{.Names}} {{.Image}} {{.Labels}}' |
    grep -Ev '^[0-9a-f]+ (.*bundle|openstack-cinder|neutron-dns|neutron-hap)'
podman images --all --no-trunc \
    --format '{{.ID}} {{.Repository}}:{{.Tag}}' | sort
podman volume ls --format '{{.Name}} {{.Driver}}' | sort
cat /var/lib/containers/storage/volumes/of_operators/_data/kept
'''
_STATES = '''set -e
podman ps --all --sort names --format '{{.Names}} {{.State}}' |
    sed 's/ Up .*/ running/; s/ Exited .*/ exited/'
cat /var/log/containers/keystone/db_sync
'''
# What is the container's own: files, one that is gone from its image, a folder
# that hides the one of its image.
_MAKE = '''set -e
# A test before may have ended after it came back, and before it was started.
podman start started_by_hand >/dev/null
podman exec -i started_by_hand sh -e <<'END'
echo own >/root/own; chown 1234:4321 /root/own; chmod 4750 /root/own
ln -sfn /nowhere /root/dangling
rm -f /etc/debian_version
rm -rf /etc/apt; mkdir /etc/apt; echo one >/etc/apt/one
END
podman volume exists of_operators || podman volume create of_operators
echo kept >/var/lib/containers/storage/volumes/of_operators/_data/kept
for tag in 1 2; do
    podman commit -q started_by_hand localhost/operators:$tag
done
'''
_UNMAKE = '''
podman rmi -f localhost/operators:1 localhost/operators:2
podman volume rm of_operators
'''
_OWN = '''podman exec -i started_by_hand sh -e <<'END'
cat /root/own; stat -c '%a %u %g %s %Y' /root/own; readlink /root/dangling
ls -A /etc/apt; test ! -e /etc/debian_version
END
'''


def make(node):
    """Have a container that differs from its image, a volume, and images that
    are nowhere else."""
    machines.on(node, _MAKE)


def unmake(node):
    """Take volume and images away again."""
    machines.on(node, _UNMAKE, check=False)


def look(node):
    """Say what is there (str): the same words for the same things."""
    return machines.on(node, _LOOK)


def own_layer(node):
    """Say what the container that nobody looks after has of its own (str);
    it has to run for that."""
    return machines.on(node, _OWN)


def states():
    """Say which containers run on each controller ({node: str}), and when
    the one that has done its work was started."""
    return {node: machines.on(node, _STATES) for node in services.CONTROLLERS}


def state(node, name):
    """Give the state of a container, e.g. ``running`` or ``exited``."""
    return machines.on(node, 'podman inspect --format '
                       f"'{{{{.State.Status}}}}' {name}").strip()


def start(node, name):
    """Start a container."""
    machines.on(node, f'podman start {name}')
