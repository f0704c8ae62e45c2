# SPDX-License-Identifier: Apache-2.0
"""The baseboard controller of the machine: sushy-tools, speaking Redfish."""
from baremetal_lab import daemons
from baremetal_lab import domain
from baremetal_lab import environment
from baremetal_lab import libvirt
from baremetal_lab import places
from container_lab import running

PORT = 8000
URL = f'http://{places.lab.HOST}:{PORT}'
SYSTEM = f'/redfish/v1/Systems/{domain.UUID}'
USER = 'root'
FOLDER = places.STATE / 'bmc'
PASSWORD = FOLDER / 'password'
_SETTINGS = f'''SUSHY_EMULATOR_LISTEN_IP = {places.lab.HOST!r}
SUSHY_EMULATOR_LISTEN_PORT = {PORT}
SUSHY_EMULATOR_LIBVIRT_URI = {libvirt.URI!r}
SUSHY_EMULATOR_AUTH_FILE = {str(FOLDER / 'htpasswd')!r}
SUSHY_EMULATOR_STATE_DIR = {str(FOLDER)!r}
SUSHY_EMULATOR_BOOT_LOADER_MAP = {{
    'UEFI': {{'x86_64': {domain.OVMF!r}}},
    'Legacy': {{'x86_64': {domain.SEABIOS!r}}}}}
'''


def start():
    """Start it, with an account of its own, and wait until it answers."""
    FOLDER.mkdir(exist_ok=True, mode=0o700)
    programs = environment.programs('sushy-tools')
    if not daemons.processes('bmc'):
        environment.write_secret(PASSWORD, environment.account(
            programs, USER, FOLDER / 'htpasswd'))
        (FOLDER / 'settings.py').write_text(_SETTINGS)
    daemons.start('bmc', [programs / 'sushy-emulator', '--config',
                          FOLDER / 'settings.py'],
                  env={'TMPDIR': str(places.STATE)})
    running.wait_for('an answer of the BMC', well, 60,
                     daemons.log_of('bmc'))


def well():
    """Tell whether it accepts connections."""
    return running.works('bash', '-c',
                         f'exec 3<>/dev/tcp/{places.lab.HOST}/{PORT}')


def stop():
    """Stop it."""
    daemons.stop('bmc')
