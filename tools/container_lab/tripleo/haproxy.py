"""HAProxy before the database and the API, as puppet-tripleo sets it up."""

from container_lab import places
from container_lab.files import put
from container_lab.tripleo import settings

_CONFIG = '''global
  daemon
  log /dev/log local0
  maxconn 2000
  pidfile /var/run/haproxy.pid
  stats socket /var/lib/haproxy/stats mode 600 level user
  stats timeout 2m
  user haproxy

defaults
  log global
  maxconn 1000
  mode tcp
  retries 3
  timeout http-request 10s
  timeout queue 2m
  timeout connect 10s
  timeout client 2m
  timeout server 2m
  timeout check 10s

listen haproxy.stats
  bind {address}:1993 transparent
  mode http
  stats enable
  stats uri /

listen keystone_public
  bind {public}:5000 transparent
  bind {internal}:5000 transparent
  mode http
  option httpchk GET /v3
  option httplog
{api}

listen mysql
  bind {internal}:3306 transparent
  option tcpka
  option httpchk
  option tcplog
  stick on dst
  stick-table type ip size 1000
  timeout client 90m
  timeout server 90m
{database}
'''


def write(root, node):
    """Write the settings of HAProxy of one controller."""
    names = [(settings.name_of(one), one.address) for one in places.CONTROLLERS]
    api = '\n'.join(f'  server {name} {address}:5000 check fall 5 inter 2000 rise 2' for name, address in names)
    database = '\n'.join(f'  server {name} {address}:3306 backup check inter 1s on-marked-down shutdown-sessions '
                         'port 9200' for name, address in names)
    put(root, f'{settings.GENERATED}/haproxy/etc/haproxy/haproxy.cfg', _CONFIG.format(
        address=node.address, public=places.VIP, internal=settings.INTERNAL, api=api, database=database))
    settings.kolla(root, 'haproxy', '/usr/sbin/haproxy -Ws -db -f /etc/haproxy/haproxy.cfg', 'haproxy',
                   [('/var/lib/haproxy', 'haproxy:haproxy')])
    # What listens on an address that another controller has.
    put(root, 'etc/sysctl.d/70-lab.conf', 'net.ipv4.ip_nonlocal_bind = 1\n')
    (root / 'var/lib/haproxy').mkdir(parents=True, exist_ok=True)
