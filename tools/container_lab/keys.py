"""SSH keys: of the people who log in, and of the machines they log in to."""

from container_lab import places
from container_lab.running import run

OPTIONS = ('-o', 'BatchMode=yes', '-o', f'ConnectTimeout={5 * places.SLOWNESS}', '-o', 'StrictHostKeyChecking=yes',
           '-o', 'LogLevel=ERROR', '-o', 'IdentitiesOnly=yes')


def make():
    """Make the keys of people once, and fresh keys of machines, with the files that pin them."""
    places.SSH.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ('id_ed25519', 'storage_ed25519'):
        if not (places.SSH / name).exists():
            _keygen(places.SSH / name, f'baas-lab {name}')
    for name in (*places.NODES, 'rescue'):
        for old in (host_key(name), host_key(name).with_suffix('.pub')):
            old.unlink(missing_ok=True)
        _keygen(host_key(name), name)
    nodes = list(places.NODES.values())
    _pin('known_hosts', {node: node.name for node in nodes})
    _pin('storage_known_hosts', {places.NODES['storage-0']: 'storage-0'})
    _pin('rescue_known_hosts', {node: 'rescue' for node in nodes if node.role != 'storage'})


def host_key(name):
    """Return the private host key of a machine, or of the rescue system."""
    return places.SSH / f'host_{name}_ed25519'


def public(name):
    """Return the public half of a person's key."""
    return (places.SSH / f'{name}.pub').read_text()


def command(node, user=places.ADMIN, known_hosts='known_hosts'):
    """Return the ssh command line that reaches a machine."""
    return ['ssh', *OPTIONS, '-i', str(places.SSH / 'id_ed25519'),
            '-o', f'UserKnownHostsFile={places.SSH / known_hosts}', f'{user}@{node.address}']


def _keygen(path, comment):
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path)


def _pin(name, hosts):
    lines = []
    for node, key in hosts.items():
        kind, text = host_key(key).with_suffix('.pub').read_text().split()[:2]
        lines.append(f'{node.address},{node.name} {kind} {text}\n')
    (places.SSH / name).write_text(''.join(lines))
