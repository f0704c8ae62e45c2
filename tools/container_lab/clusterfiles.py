"""The files of a controller: Galera, Corosync, Pacemaker and RabbitMQ."""

import os
import re

from container_lab import places
from container_lab.files import put
from container_lab.running import run

MEMBERS = ','.join(node.name for node in places.CONTROLLERS)

# Small enough for five machines on one host.
MEMORY = '''[mariadbd]
innodb_buffer_pool_size = 64M
innodb_log_file_size = 16M
performance_schema = OFF
skip_name_resolve = ON
'''

GALERA = '''bind_address = 0.0.0.0
binlog_format = ROW
default_storage_engine = InnoDB
innodb_autoinc_lock_mode = 2
wsrep_on = ON
wsrep_provider = /usr/lib/galera/libgalera_smm.so
wsrep_cluster_name = galera_cluster
wsrep_cluster_address = gcomm://{members}
wsrep_node_name = {name}
wsrep_node_address = {address}
wsrep_sst_method = rsync
wsrep_provider_options = "gcache.size=32M; gmcast.listen_addr=tcp://{address}:4567; {patience}"
'''
# Its defaults, for members that run at full speed.
PATIENCE = '; '.join(f'{name}=PT{seconds * places.SLOWNESS}S' for name, seconds in (
    ('gmcast.peer_timeout', 3), ('evs.suspect_timeout', 5), ('evs.install_timeout', 7.5),
    ('evs.inactive_timeout', 15)))

COROSYNC = '''totem {{
    version: 2
    cluster_name: tripleo_cluster
    transport: knet
    crypto_cipher: aes256
    crypto_hash: sha256
    token: {token}
}}

nodelist {{
{nodes}}}

quorum {{
    provider: corosync_votequorum
}}

system {{
    # A machine in a container may be refused real-time priority.
    sched_rr: no
}}

logging {{
    to_logfile: yes
    logfile: /var/log/corosync/corosync.log
    to_syslog: yes
    timestamp: on
}}
'''

OPTIONS = '''<crm_config><cluster_property_set id="cib-bootstrap-options">
      <nvpair id="opt-stonith" name="stonith-enabled" value="false"/>
      <!-- The default of 20 s is a third of the time the lab takes to come up. -->
      <nvpair id="opt-dc" name="dc-deadtime" value="4s"/>
      <!-- Each machine sees the load of the whole host, and the cluster would start one thing at a time. -->
      <nvpair id="opt-load" name="load-threshold" value="10000%"/>
      <nvpair id="opt-name" name="cluster-name" value="tripleo_cluster"/>
    </cluster_property_set></crm_config>'''

CIB = '''<cib crm_feature_set="3.3.0" validate-with="pacemaker-3.8" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    ''' + OPTIONS + '''
    <nodes>{nodes}</nodes>
    <resources>
      <clone id="galera-clone">
        <meta_attributes id="galera-clone-meta">
          <nvpair id="galera-promotable" name="promotable" value="true"/>
          <nvpair id="galera-promoted-max" name="promoted-max" value="3"/>
          <nvpair id="galera-clone-max" name="clone-max" value="3"/>
          <nvpair id="galera-interleave" name="interleave" value="false"/>
        </meta_attributes>
        <primitive id="galera" class="ocf" provider="heartbeat" type="galera">
          <instance_attributes id="galera-params">
            <nvpair id="galera-address" name="wsrep_cluster_address" value="gcomm://{members}"/>
            <nvpair id="galera-user" name="check_user" value="root"/>
            <nvpair id="galera-empty" name="check_passwd_use_empty" value="1"/>
            <nvpair id="galera-more" name="additional_parameters" value="--open-files-limit=16384"/>
          </instance_attributes>
          <operations>
            <op id="galera-start" name="start" interval="0s" timeout="120s"/>
            <op id="galera-stop" name="stop" interval="0s" timeout="120s"/>
            <op id="galera-promote" name="promote" interval="0s" timeout="300s" on-fail="block"/>
            <op id="galera-monitor" name="monitor" interval="20s" timeout="30s"/>
            <op id="galera-promoted" name="monitor" role="Promoted" interval="10s" timeout="30s"/>
            <op id="galera-unpromoted" name="monitor" role="Unpromoted" interval="30s" timeout="30s"/>
          </operations>
        </primitive>
      </clone>
      <primitive id="ip-{vip}" class="ocf" provider="heartbeat" type="IPaddr2">
        <instance_attributes id="vip-params">
          <nvpair id="vip-ip" name="ip" value="{vip}"/>
          <nvpair id="vip-mask" name="cidr_netmask" value="32"/>
          <nvpair id="vip-nic" name="nic" value="host0"/>
        </instance_attributes>
        <operations><op id="vip-monitor" name="monitor" interval="10s" timeout="20s"/></operations>
      </primitive>
    </resources>
    <constraints>
      <rsc_colocation id="vip-with-galera" rsc="ip-{vip}" with-rsc="galera-clone" with-rsc-role="Promoted"
                      score="INFINITY"/>
      <rsc_order id="vip-after-galera" first="galera-clone" first-action="promote" then="ip-{vip}"
                 then-action="start" kind="Optional"/>
    </constraints>
    <rsc_defaults><meta_attributes id="defaults">
      <nvpair id="default-stickiness" name="resource-stickiness" value="100"/>
    </meta_attributes></rsc_defaults>
  </configuration>
  <status/>
</cib>
'''

RABBIT = '''listeners.tcp.1 = {address}:5672
listeners.tcp.2 = 127.0.0.1:5672
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = rabbit@controller-0
cluster_formation.classic_config.nodes.2 = rabbit@controller-1
cluster_formation.classic_config.nodes.3 = rabbit@controller-2
cluster_partition_handling = pause_minority
log.console = false
'''

EPMD = '''[Socket]
ListenStream=
ListenStream=127.0.0.1:4369
ListenStream={address}:4369
FreeBind=yes
'''


def write(node, root, secrets):
    """Write the cluster's files of one controller."""
    write_database(root, node.name, node.address)
    write_corosync(root, secrets, CIB)
    _write_rabbit(node, root, secrets)
    run('systemctl', f'--root={root}', 'enable', 'corosync.service', 'pacemaker.service', 'rabbitmq-server.service')


def write_database(root, name, address):
    """Write the settings of a Galera member."""
    put(root, 'etc/mysql/mariadb.conf.d/90-lab.cnf',
                  MEMORY + GALERA.format(members=MEMBERS, name=name, address=address, patience=PATIENCE))


def write_corosync(root, secrets, cib):
    """Write the settings of Corosync, and the first configuration of Pacemaker.

    :param cib: that configuration; {nodes}, {members} and {vip} are filled in where it has them.
    """
    nodes = ''.join(f'    node {{\n        ring0_addr: {node.address}\n        name: {node.name}\n'
                    f'        nodeid: {number}\n    }}\n' for number, node in enumerate(places.CONTROLLERS, 1))
    put(root, 'etc/corosync/corosync.conf', COROSYNC.format(nodes=nodes, token=5000 * places.SLOWNESS))
    put(root, 'etc/corosync/authkey', secrets['authkey'], 0o400)
    # The same configuration on each disk before the first boot saves a round of commands and waiting.
    names = ''.join(f'<node id="{number}" uname="{node.name}"/>' for number, node in enumerate(places.CONTROLLERS, 1))
    put(root, 'var/lib/pacemaker/cib/cib.xml', _patient(
        cib.format(nodes=names, members=MEMBERS, vip=places.VIP)), 0o600, 'hacluster')


def _patient(cib):
    """Give operations the time that they take on the slowest member."""
    return re.sub('timeout="([0-9]+)s"', lambda found: f'timeout="{int(found[1]) * places.SLOWNESS}s"', cib)


def _write_rabbit(node, root, secrets):
    interface = '{' + node.address.replace('.', ',') + '}'
    put(root, 'etc/rabbitmq/rabbitmq.conf', RABBIT.format(address=node.address))
    put(root, 'etc/rabbitmq/rabbitmq-env.conf',
                  f'NODENAME=rabbit@{node.name}\n'
                  f'SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 -kernel inet_dist_use_interface {interface}"\n')
    put(root, 'etc/systemd/system/epmd.socket.d/lab.conf', EPMD.format(address=node.address))
    put(root, 'var/lib/rabbitmq/.erlang.cookie', secrets['cookie'], 0o400, 'rabbitmq')


def secrets():
    """Return the secrets one cluster shares."""
    return {'authkey': os.urandom(256), 'cookie': os.urandom(16).hex(), 'password': os.urandom(12).hex()}
