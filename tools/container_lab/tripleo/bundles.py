"""What Pacemaker runs: bundles and virtual addresses, with the rules that puppet-pacemaker makes."""

from container_lab import clusterfiles, places
from container_lab.files import put
from container_lab.containers import store
from container_lab.tripleo import ovn_bundle, settings, units

_OPTIONS = ('--user=root --log-driver=k8s-file --log-opt path=/var/log/containers/stdouts/{bundle}.log '
            '-e KOLLA_CONFIG_STRATEGY=COPY_ALWAYS')

_CIB = '''<cib crm_feature_set="3.3.0" validate-with="pacemaker-3.8" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    ''' + clusterfiles.OPTIONS + '''
    <nodes>{nodes}</nodes>
    <resources>{addresses}{bundles}</resources>
    <constraints>{constraints}</constraints>
    <rsc_defaults><meta_attributes id="rsc_defaults-meta_attributes">
      <nvpair id="default-stickiness" name="resource-stickiness" value="INFINITY"/>
    </meta_attributes></rsc_defaults>
    <op_defaults><meta_attributes id="op_defaults-meta_attributes">
      <nvpair id="default-timeout" name="timeout" value="120s"/>
    </meta_attributes></op_defaults>
  </configuration>
  <status/>
</cib>
'''

_BUNDLE = '''<bundle id="{bundle}">
  <podman image="{image}" replicas="{replicas}" {promoted}network="host" options="{options}"
          run-command="/bin/bash /usr/local/bin/kolla_start"/>
  {port}<storage>{storage}</storage>
  {primitive}
</bundle>'''

_ADDRESS = '''<primitive id="ip-{address}" class="ocf" provider="heartbeat" type="IPaddr2">
  <instance_attributes id="ip-{address}-params">
    <nvpair id="ip-{address}-ip" name="ip" value="{address}"/>
    <nvpair id="ip-{address}-mask" name="cidr_netmask" value="32"/>
    <nvpair id="ip-{address}-nic" name="nic" value="host0"/>
  </instance_attributes>
  <meta_attributes id="ip-{address}-meta">
    <nvpair id="ip-{address}-stickiness" name="resource-stickiness" value="INFINITY"/>
  </meta_attributes>
  <operations><op id="ip-{address}-monitor" name="monitor" interval="10s" timeout="20s"/></operations>
</primitive>'''

_AFTER = '''<rsc_order id="order-ip-{address}-haproxy-bundle" first="ip-{address}" first-action="start"
  then="haproxy-bundle" then-action="start" kind="Optional"/>
<rsc_colocation id="colocation-ip-{address}-haproxy-bundle" rsc="ip-{address}" with-rsc="haproxy-bundle"
  score="INFINITY"/>'''

_WHERE = '''<rsc_location id="location-{id}" rsc="{id}" resource-discovery="exclusive">
  <rule id="location-{id}-rule" score="0">
    <expression id="location-{id}-is" attribute="{role}-role" operation="eq" value="true"/></rule>
</rsc_location>'''

_GALERA = '''<primitive id="galera" class="ocf" provider="heartbeat" type="galera">
  <instance_attributes id="galera-params">
    <nvpair id="galera-log" name="log" value="/var/log/mysql/mysqld.log"/>
    <nvpair id="galera-more" name="additional_parameters" value="--open-files-limit=4096"/>
    <nvpair id="galera-creation" name="enable_creation" value="true"/>
    <nvpair id="galera-socket" name="socket" value="/var/lib/mysql/mysql.sock"/>
    <nvpair id="galera-config" name="config" value="/etc/mysql/my.cnf"/>
    <nvpair id="galera-address" name="wsrep_cluster_address" value="gcomm://{members}"/>
    <nvpair id="galera-map" name="cluster_host_map" value="{map}"/>
  </instance_attributes>
  <meta_attributes id="galera-meta">
    <nvpair id="galera-target" name="container-attribute-target" value="host"/>
    <nvpair id="galera-ordered" name="ordered" value="true"/>
    <nvpair id="galera-max" name="master-max" value="3"/>
  </meta_attributes>
  <operations>
    <op id="galera-start" name="start" interval="0s" timeout="120s"/>
    <op id="galera-stop" name="stop" interval="0s" timeout="120s"/>
    <op id="galera-promote" name="promote" interval="0s" timeout="300s" on-fail="block"/>
    <op id="galera-demote" name="demote" interval="0s" timeout="120s"/>
    <op id="galera-monitor" name="monitor" interval="20s" timeout="30s"/>
    <op id="galera-promoted" name="monitor" role="Promoted" interval="10s" timeout="30s"/>
    <op id="galera-unpromoted" name="monitor" role="Unpromoted" interval="30s" timeout="30s"/>
  </operations>
</primitive>'''

_RABBIT = '''<primitive id="rabbitmq" class="ocf" provider="heartbeat" type="rabbitmq-cluster">
  <instance_attributes id="rabbitmq-params">
    <nvpair id="rabbitmq-policy" name="set_policy"
            value="ha-all ^(?!amq\\.).* {{&quot;ha-mode&quot;:&quot;exactly&quot;,&quot;ha-params&quot;:2}}"/>
  </instance_attributes>
  <meta_attributes id="rabbitmq-meta">
    <nvpair id="rabbitmq-target" name="container-attribute-target" value="host"/>
    <nvpair id="rabbitmq-notify" name="notify" value="true"/>
    <nvpair id="rabbitmq-ordered" name="ordered" value="true"/>
  </meta_attributes>
  <operations>
    <op id="rabbitmq-start" name="start" interval="0s" timeout="200s"/>
    <op id="rabbitmq-stop" name="stop" interval="0s" timeout="200s"/>
    <!-- TripleO has 10 s; each costs two Erlangs a second of a processor, here for three machines on one host. -->
    <op id="rabbitmq-monitor" name="monitor" interval="30s" timeout="40s"/>
  </operations>
</primitive>'''


def cib():
    """Return the configuration of the cluster (XML)."""
    nodes = ''.join(
        f'<node id="{number}" uname="{node.name}"><instance_attributes id="nodes-{number}">'
        + ''.join(f'<nvpair id="nodes-{number}-{role}-role" name="{role}-role" value="true"/>'
                  for role in ('galera', 'rabbitmq', 'haproxy', 'cinder-volume', 'ovn-dbs'))
        + '</instance_attributes></node>' for number, node in enumerate(places.CONTROLLERS, 1))
    names = list(map(settings.name_of, places.CONTROLLERS))
    galera = _GALERA.format(members=','.join(names), map=';'.join(
        f'{node.name}:{settings.name_of(node)}' for node in places.CONTROLLERS))
    addresses = (places.VIP, settings.INTERNAL)
    bundles = [
        _bundle('galera-bundle', 'mariadb', 'mysql', ('/var/lib/mysql', '/var/log/containers/mysql:/var/log/mysql'),
                3123, galera, 'promoted-max="3" '),
        _bundle('rabbitmq-bundle', 'rabbitmq', 'rabbitmq', (
            '/var/lib/rabbitmq', '/var/log/containers/rabbitmq:/var/log/rabbitmq'), 3122, _RABBIT.format()),
        _bundle('haproxy-bundle', 'haproxy', 'haproxy', ('/var/lib/haproxy',)),
        _bundle('openstack-cinder-volume', 'cinder-volume', 'cinder', (
            '/var/lib/cinder', '/var/log/containers/cinder:/var/log/cinder', units.SCRIPTS,
            '/run', '/dev', '/sys'), replicas=1,
            more=' --ipc=host --privileged=true')]
    rules = [_AFTER.format(address=one) for one in addresses]
    if ovn_bundle.is_wanted():
        bundles.append(_bundle(ovn_bundle.NAME, 'ovn-northd', None, ovn_bundle.FOLDERS, ovn_bundle.PORT,
                               ovn_bundle.PRIMITIVE, 'promoted-max="1" '))
        rules += [_WHERE.format(id=ovn_bundle.NAME, role='ovn-dbs'), ovn_bundle.RULES]
        addresses += (ovn_bundle.ADDRESS,)
    rules += [_WHERE.format(id=name, role=role) for name, role in (
        ('galera-bundle', 'galera'), ('rabbitmq-bundle', 'rabbitmq'), ('haproxy-bundle', 'haproxy'),
        ('openstack-cinder-volume', 'cinder-volume'), *((f'ip-{one}', 'haproxy') for one in addresses))]
    return _CIB.format(nodes=nodes, addresses=''.join(_ADDRESS.format(address=one) for one in addresses),
                       bundles=''.join(bundles), constraints=''.join(rules))


def _bundle(bundle, image, source, folders, port=None, primitive='', promoted='', replicas=3, more=''):
    own = {'galera-bundle': 'mysql', 'rabbitmq-bundle': 'rabbitmq', 'haproxy-bundle': 'haproxy',
           ovn_bundle.NAME: 'ovn_dbs'}.get(bundle, 'cinder_volume')
    maps = [f'/{settings.KOLLA}/{own}.json:/var/lib/kolla/config_files/config.json:ro',
            *([f'/{settings.GENERATED}/{source}/:/var/lib/kolla/config_files/src:ro'] if source else []),
            '/etc/hosts:ro', '/etc/localtime:ro', *([] if '/dev' in folders else ['/dev/log']), *folders]
    return _BUNDLE.format(
        bundle=bundle, image=store.PACEMAKER_TAG.format(image), replicas=replicas, promoted=promoted,
        options=_OPTIONS.format(bundle=bundle) + more,
        port=f'<network control-port="{port}"/>' if port else '',
        storage=''.join(_map(bundle, number, one) for number, one in enumerate(maps)), primitive=primitive)


def _map(bundle, number, text):
    source, *rest = text.split(':')
    options = rest.pop() if rest and rest[-1] in ('ro', 'rw') else 'rw'
    target = rest[0] if rest else source
    return (f'<storage-mapping id="{bundle}-map-{number}" source-dir="{source}" target-dir="{target}" '
            f'options="{options}"/>')


def write(root, node, secrets):
    """Write Pacemaker's part of a controller."""
    clusterfiles.write_corosync(root, secrets, cib().replace("{", "{{").replace("}", "}}"))
    put(root, 'etc/pacemaker/authkey', secrets['authkey'], 0o640, 'hacluster')
    settings.kolla(root, 'mysql', '/usr/sbin/pacemaker-remoted', 'mysql', [
        ('/var/lib/mysql', 'mysql:mysql'), ('/var/log/mysql', 'mysql:mysql')])
    settings.kolla(root, 'rabbitmq', '/usr/sbin/pacemaker-remoted', 'rabbitmq', [
        ('/var/lib/rabbitmq', 'rabbitmq:rabbitmq'), ('/var/log/rabbitmq', 'rabbitmq:rabbitmq')])
    if ovn_bundle.is_wanted():
        ovn_bundle.write(root)
    settings.kolla(root, 'cinder_volume', 'python3 /container-config-scripts/lab-writer cinder-volume /var/log/cinder '
                   'database broker', 'cinder')
    for folder in ('mysql', 'rabbitmq', 'cinder', 'openvswitch'):
        (root / 'var/log/containers' / folder).mkdir(parents=True, exist_ok=True)
    for folder in ('mysql', 'rabbitmq', 'cinder'):
        (root / 'var/lib' / folder).mkdir(parents=True, exist_ok=True)
    (root / 'var/log/pacemaker/bundles').mkdir(parents=True, exist_ok=True)
