"""The databases of OVN as releases before 17 have them: a bundle of Pacemaker of which one replica is at work and
the others follow it, beside an address that goes where that one is."""

from container_lab import places, shapes
from container_lab.tripleo import settings

NAME = 'ovn-dbs-bundle'
ADDRESS = f'{places.NETWORK}.102'
PORT = 3125
# Files of the databases, their sockets and their process ids are all in one folder of the host.
_FOLDER = 'var/lib/openvswitch/ovn'
FOLDERS = tuple(f'/{_FOLDER}:{path}' for path in ('/run/ovn', '/etc/ovn', '/var/lib/ovn')) + (
    '/var/log/containers/openvswitch:/var/log/ovn',)
PRIMITIVE = f'''<primitive id="ovndb_servers" class="ocf" provider="ovn" type="ovndb-servers">
  <instance_attributes id="ovn-params">
    <nvpair id="ovn-address" name="master_ip" value="{ADDRESS}"/>
    <nvpair id="ovn-northd" name="manage_northd" value="yes"/>
    <nvpair id="ovn-listen" name="listen_on_master_ip_only" value="yes"/>
    <nvpair id="ovn-probe" name="inactive_probe_interval" value="180000"/>
    <nvpair id="ovn-north" name="nb_master_port" value="6641"/>
    <nvpair id="ovn-south" name="sb_master_port" value="6642"/>
  </instance_attributes>
  <meta_attributes id="ovn-meta">
    <nvpair id="ovn-target" name="container-attribute-target" value="host"/>
    <nvpair id="ovn-notify" name="notify" value="true"/>
  </meta_attributes>
  <operations>
    <op id="ovn-start" name="start" interval="0s" timeout="200s"/>
    <op id="ovn-stop" name="stop" interval="0s" timeout="200s"/>
    <op id="ovn-promote" name="promote" interval="0s" timeout="50s"/>
    <op id="ovn-demote" name="demote" interval="0s" timeout="50s"/>
    <op id="ovn-promoted" name="monitor" role="Promoted" interval="10s" timeout="60s"/>
    <op id="ovn-unpromoted" name="monitor" role="Unpromoted" interval="30s" timeout="60s"/>
  </operations>
</primitive>'''
RULES = f'''<rsc_order id="order-{NAME}-ip-{ADDRESS}" first="{NAME}" first-action="promote"
  then="ip-{ADDRESS}" then-action="start" kind="Mandatory"/>
<rsc_colocation id="colocation-ip-{ADDRESS}-{NAME}" rsc="ip-{ADDRESS}" with-rsc="{NAME}" with-rsc-role="Promoted"
  score="INFINITY"/>'''
QUESTIONS = '''
name=$(podman ps --format '{{.Names}}' --filter name=ovn-dbs-bundle)
ask() {
 [ -z "$name" ] || timeout 8 podman exec $name ovs-appctl -t /run/ovn/ovn$1_db.ctl ovsdb-server/sync-status |
  awk -v name=$2 '/^state:/ {print name, $2}'
}
ask nb OVN_Northbound; ask sb OVN_Southbound
'''


def write(root):
    """Write what the bundle finds on a controller."""
    settings.kolla(root, 'ovn_dbs', '/usr/sbin/pacemaker-remoted')
    (root / _FOLDER).mkdir(parents=True, exist_ok=True)


def is_wanted():
    """Tell whether the lab that is up has it."""
    return shapes.known() == 'train'
