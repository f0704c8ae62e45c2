# SPDX-License-Identifier: Apache-2.0
"""The machine as a node of ironic, active without any disk being touched."""
import base64
import json
import urllib.error
import urllib.request

from baremetal_lab import bmc
from baremetal_lab import ironic
from baremetal_lab import places
from container_lab import running

NODE = places.NODE.identity('baremetal')
NAME = f'bm-{places.NODE.name}'
VERSION = '1.80'


def adopt(firmware):
    """Enrol the machine and bring it to ``active`` by adoption.

    :param firmware: ``bios`` or ``uefi``.
    """
    if state() is None:
        _call('POST', '/v1/nodes', _node(firmware))
        _call('POST', '/v1/ports', {'node_uuid': NODE,
                                    'address': places.MAC})
    for verb, wanted in (('manage', 'manageable'), ('adopt', 'active')):
        running.wait_for(
            f'{NAME} being {wanted}',
            lambda verb=verb, wanted=wanted: _moved(verb, wanted), 120,
            f'see {places.LOGS}/ironic.log', 1)


def state():
    """Give the provision state (str), or None if ironic knows no such."""
    found = _call('GET', f'/v1/nodes/{NODE}', missing={})
    return found.get('provision_state')


def _moved(verb, wanted):
    """Ask for a move unless one is under way; tell whether it is done.

    A conductor that has just started takes back what it finds under way, so
    that it may have to be asked again.
    """
    found = _call('GET', f'/v1/nodes/{NODE}')
    if found['provision_state'] in (wanted, 'active'):
        return True
    if not found['target_provision_state']:
        _call('PUT', f'/v1/nodes/{NODE}/states/provision', {'target': verb})
    return False


def _node(firmware):
    images = f'{places.WEB_URL}/images'
    return {
        'uuid': NODE, 'name': NAME, 'driver': 'redfish',
        'instance_uuid': places.NODE.identity('instance'),
        'driver_info': {
            'redfish_address': bmc.URL, 'redfish_system_id': bmc.SYSTEM,
            'redfish_username': bmc.USER,
            'redfish_password': bmc.PASSWORD.read_text(),
            # Nothing of this is there: an active node does not need it.
            'deploy_kernel': f'{images}/agent.kernel',
            'deploy_ramdisk': f'{images}/agent.ramdisk'},
        'properties': {
            'capabilities': f'boot_mode:{firmware}', 'cpus': 1,
            'cpu_arch': 'x86_64', 'memory_mb': 1536, 'local_gb': 8},
        # As a deployment with metalsmith leaves it.
        'instance_info': {
            'image_source': f'{images}/overcloud-full.raw',
            'image_checksum': '0' * 32, 'image_type': 'whole-disk',
            'root_gb': 7, 'capabilities': {'boot_option': 'local'}},
    }


def _call(method, path, body=None, missing=None):
    clouds = json.loads(ironic.CLOUDS.read_text())['clouds']
    auth = clouds[ironic.CLOUD]['auth']
    word = base64.b64encode(
        f'{auth["username"]}:{auth["password"]}'.encode()).decode()
    request = urllib.request.Request(
        ironic.URL + path, method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={'Authorization': f'Basic {word}',
                 'Content-Type': 'application/json',
                 'X-OpenStack-Ironic-API-Version': VERSION})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or 'null')
    except urllib.error.HTTPError as error:
        if error.code == 404 and missing is not None:
            return missing
        raise running.LabError(
            f'ironic answers {error.code} to {method} {path}: '
            f'{error.read().decode()[:300]}',
            f'see {places.LOGS}/ironic.log') from None
