# SPDX-License-Identifier: Apache-2.0
"""What controllers of kolla-ansible have, to be held against what they had."""
from baas.tests.lab import machines
from baas.tests.lab import service as services

ENGINES = {'controller-0': 'podman', 'controller-1': 'podman',
           'controller-2': 'docker'}
# Those that agents start are made anew by their nature.
_CONTAINERS = '''
set -e
{engine} ps --all --no-trunc --format '{{{{.ID}}}} {{{{.Names}}}}' |
    grep -v neutron_metadata_haproxy | sort
{engine} ps --all --format '{{{{.Names}}}} {{{{.Status}}}}' |
    sed 's/ Up .*/ running/; s/ Exited .*/ exited/' |
    grep -v neutron_metadata_haproxy | sort
{engine} images --all --no-trunc --format \
    '{{{{.ID}}}} {{{{.Repository}}}}:{{{{.Tag}}}}' | sort
{engine} volume ls --format '{{{{.Name}}}} {{{{.Driver}}}}' | sort
cat {volumes}/kolla_logs/_data/once
sha256sum /etc/kolla/*/*
'''
_VOLUMES = {'podman': '/var/lib/containers/storage/volumes',
            'docker': '/var/lib/docker/volumes'}
# What runs on through whatever is done to the others.
_UNTOUCHED = '''{engine} inspect --format '{{{{.State.StartedAt}}}}' \
    openvswitch_vswitchd'''


def look():
    """Say what each controller has of containers, images, volumes and
    settings, and which of them run ({node: str})."""
    return {node: look_at(node) for node in services.CONTROLLERS}


def look_at(node):
    """Say it of one controller (str)."""
    engine = ENGINES[node]
    return machines.on(node, _CONTAINERS.format(
        engine=engine, volumes=_VOLUMES[engine]))


def untouched():
    """Say since when what must never be touched runs ({node: str})."""
    return {node: machines.on(node, _UNTOUCHED.format(engine=engine))
            for node, engine in ENGINES.items()}
