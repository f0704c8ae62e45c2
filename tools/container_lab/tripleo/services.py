"""Which containers a controller has beside those of Pacemaker, and what they are set to."""

from container_lab.tripleo import odd, ovn, ovn_bundle, settings
from container_lab.tripleo.units import Container

_WRITER = ('python3', '/container-config-scripts/lab-writer')
_KOLLA = ('/bin/bash', '/usr/local/bin/kolla_start')


def of_controller(node):
    """Return the containers of a controller."""
    return [*_apis(node), *_agents(), *ovn.containers(node), *odd.containers(node)]


def in_bundles():
    """Return the bundles of Pacemaker, by how often each runs."""
    found = {'galera-bundle': 3, 'rabbitmq-bundle': 3, 'haproxy-bundle': 3, 'openstack-cinder-volume': 1}
    return found | ({ovn_bundle.NAME: 3} if ovn_bundle.is_wanted() else {})


def write(root, node, secrets):
    """Write the settings of those containers."""
    settings.write_keystone(root, secrets)
    settings.kolla(root, 'keystone', f'/usr/bin/uwsgi --plugin python3 --http-socket {node.address}:5000 --master '
                   '--processes 1 --threads 4 --need-app --uid keystone --gid keystone --die-on-term --disable-logging '
                   '--wsgi-file /container-config-scripts/keystone.wsgi --buffer-size 65535', 'keystone', [
                       ('/var/log/keystone', 'keystone:keystone'), ('/etc/keystone', 'keystone:keystone')])
    settings.kolla(root, 'clustercheck', f'python3 /container-config-scripts/clustercheck {node.address}', 'clustercheck')
    for service in ('nova', 'cinder', 'swift'):
        settings.write_lab(root, node, service)


def writer(name, image, *more, **options):
    """Return a container with a small program in the place of a service.

    :param more: what it writes to beside a file: `database`, `broker`.
    """
    service = name.partition('_')[0]
    return Container(
        name, image, (*_WRITER, name, f'/var/log/{service}', *more), volumes=(
            f'/var/log/containers/{service}:/var/log/{service}', '/etc/hosts:/etc/hosts:ro',
            f'/{settings.GENERATED}/{service}/etc/lab:/etc/lab:ro'), **options)


def _apis(node):
    return [
        Container('keystone_db_sync', 'keystone', ('bash', '-c', 'date >> /var/log/keystone/db_sync'), step=3,
                  owner='once', volumes=('/var/log/containers/keystone:/var/log/keystone',)),
        Container('keystone', 'keystone', _KOLLA, step=3, check=f'{node.address}:5000', volumes=(
            *settings.volumes('keystone', 'keystone'), '/var/log/containers/keystone:/var/log/keystone')),
        Container('clustercheck', 'clustercheck', _KOLLA, step=2, volumes=(
            *settings.volumes('clustercheck', 'clustercheck'), '/var/lib/mysql:/var/lib/mysql')),
        Container('memcached', 'memcached', ('memcached', '-u', 'nobody', '-m', '16', '-l', node.address), step=1,
                  check=f'{node.address}:11211'),
        writer('nova_api', 'nova-api', 'database', check=''),
        writer('nova_scheduler', 'nova-scheduler', 'database', 'broker', old_check=True),
        writer('swift_object_server', 'swift-object'),
    ]


def _agents():
    return [Container('logrotate_crond', 'cron', ('sleep', 'infinity'), options=(
        '--privileged', '--pid', 'host'), net='none', volumes=('/var/log/containers:/var/log/containers',))]
