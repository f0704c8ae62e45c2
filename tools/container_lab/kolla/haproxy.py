"""HAProxy before the database and the API, and keepalived with the virtual addresses, as kolla-ansible sets them up."""

from container_lab import places
from container_lab.files import put
from container_lab.kolla import settings

_CONFIG = '''global
  user haproxy
  group haproxy
  daemon
  maxconn 2000
  stats socket /var/lib/kolla/haproxy/haproxy.sock group haproxy mode 660

defaults
  option redispatch
  retries 3
  timeout http-request 10s
  timeout queue 1m
  timeout connect 10s
  timeout client 1m
  timeout server 1m
  timeout check 10s
  balance roundrobin
  maxconn 1000

frontend keystone_external_front
  mode http
  bind {external}:5000
  bind {internal}:5000
  default_backend keystone_back

backend keystone_back
  mode http
  option httpchk GET /v3
{api}

frontend mariadb_front
  mode tcp
  option clitcpka
  timeout client 3600s
  bind {internal}:3306
  default_backend mariadb_back

backend mariadb_back
  mode tcp
  option srvtcpka
  timeout server 3600s
{database}
'''
_KEEPALIVED = '''global_defs {{
    enable_script_security
    script_user root
}}

vrrp_script check_alive {{
    script "/check_alive.sh"
    interval 2
    fall 2
    rise 10
}}

vrrp_instance kolla_internal_vip_51 {{
    state BACKUP
    nopreempt
    interface host0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    unicast_src_ip {address}
    unicast_peer {{
        {peers}
    }}
    virtual_ipaddress {{
        {internal} dev host0
        {external} dev host0
    }}
    authentication {{
        auth_type PASS
        auth_pass lab-vrrp
    }}
    track_script {{
        check_alive
    }}
}}
'''
_ALIVE = '''#!/bin/bash
echo "show info" | socat unix-connect:/var/lib/kolla/haproxy/haproxy.sock stdio > /dev/null
'''


def write(root, node):
    """Write the settings of one controller."""
    internal = settings.INTERNAL
    names = [(one.name, one.address) for one in places.CONTROLLERS]
    api = '\n'.join(f'  server {name} {address}:5000 check inter 2000 rise 2 fall 5' for name, address in names)
    database = '\n'.join(
        f'  server {name} {address}:3306 check port 3306 inter 2000 rise 2 fall 5{" backup" if number else ""}'
        for number, (name, address) in enumerate(names))
    put(root, 'etc/kolla/haproxy/haproxy.cfg', _CONFIG.format(
        external=places.VIP, internal=internal, api=api, database=database), 0o600)
    settings.config(root, 'haproxy', '/usr/sbin/haproxy -W -db -f /etc/haproxy/haproxy.cfg', [
        ('haproxy.cfg', '/etc/haproxy/haproxy.cfg', 'root', '0600')], [('/var/lib/kolla/haproxy', 'haproxy:haproxy')])
    put(root, 'etc/kolla/keepalived/keepalived.conf', _KEEPALIVED.format(
        priority=places.CONTROLLERS.index(node) + 1, address=node.address, internal=internal, external=places.VIP,
        peers='\n        '.join(one.address for one in places.CONTROLLERS if one != node)), 0o600)
    put(root, 'etc/kolla/keepalived/check_alive.sh', _ALIVE, 0o755)
    settings.config(root, 'keepalived', '/usr/sbin/keepalived -nld -p /run/keepalived.pid', [
        ('keepalived.conf', '/etc/keepalived/keepalived.conf', 'root', '0600'),
        ('check_alive.sh', '/check_alive.sh', 'root', '0770')])
