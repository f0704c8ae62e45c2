"""Containers that are no unit's: those that agents start in network namespaces, and one that nobody looks after."""

import uuid

from container_lab.containers import store
from container_lab.tripleo.units import Container

_AGENT = ('python3', '/container-config-scripts/lab-agent')


def containers(node):
    """Return those of one controller, with the agents that start them."""
    return [
        _agent(node, 'neutron_dhcp', 'neutron-dhcp-agent', 'neutron-dnsmasq', 'qdhcp'),
        # As the wrappers of kolla do it: it is gone once it has stopped.
        _agent(node, 'ovn_metadata_agent', 'ovn-metadata-agent', 'neutron-haproxy', 'ovnmeta', '--rm'),
        Container('started_by_hand', 'cron', ('sleep', 'infinity'), step=5, owner='hand')]


def sides(node):
    """Return the names of the containers that agents start."""
    return [f'{prefix}-{space}-{_network(node, space)}' for prefix, space in (
        ('neutron-dnsmasq', 'qdhcp'), ('neutron-haproxy', 'ovnmeta'))]


def _agent(node, name, image, prefix, space, *more):
    return Container(name, image, (*_AGENT, prefix, f'{space}-{_network(node, space)}', *more), step=4, options=(
        '--privileged', '--pid', 'host'), volumes=('/run/netns:/run/netns:shared',), environment=(
            'LAB_ENGINE=podman', f'LAB_IMAGE={store.UNIT_TAG.format("cron")}',
            'LAB_OPTIONS=--privileged'))


def _network(node, space):
    return uuid.uuid5(uuid.NAMESPACE_DNS, f'{space}.{node.name}')
