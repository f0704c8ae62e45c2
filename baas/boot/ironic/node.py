# SPDX-License-Identifier: Apache-2.0
"""One node of the Bare Metal service; the only user of openstacksdk here."""
import contextlib
import re
import time

from keystoneauth1 import exceptions as auth_exceptions
from keystoneauth1 import loading
from openstack import connection
from openstack import exceptions

from baas.boot import base

_GROUP = 'boot_ironic'
_NOT_NOW = (408, 409, 429)
"""What the service answers when another time it may answer more."""
_POLL = 1  # seconds
_ANSWER = 60  # seconds: a BMC is asked while the caller waits
_STABLE = ('active', 'available', 'enroll', 'error', 'manageable', 'rescue')
MASK = '******'
"""What the service shows in place of what it keeps to itself."""


class Unavailable(base.BootError):
    """The Bare Metal service does not answer."""
    message = 'The Bare Metal service cannot be reached: {said}.'
    hint = ('Look whether it runs, and whether section [boot_ironic] says '
            'where it is and who may use it.')


class Refused(base.BootError):
    """The Bare Metal service does not want to."""
    message = 'The Bare Metal service did not {what} node {node}: {said}.'
    hint = ('Look at the node with "openstack baremetal node show {node}", '
            'and at its BMC.')


class Forbidden(base.BootError):
    """It does not know who asks, or does not let them."""
    message = ('The Bare Metal service does not let this service {what} node '
               '{node}: {said}.')
    hint = ('See that section [boot_ironic] names a user with the right '
            'password, and one with a role that may do this.')


class NotFound(base.BootError):
    """It has no such node."""
    message = 'The Bare Metal service has no node {node}.'
    hint = ('Set baremetal_uuid, baremetal_name or instance_uuid of the node '
            'in the inventory to what the service calls it, and see that the '
            'user of section [boot_ironic] may look at all nodes.')


class Node:
    """A node; every method asks the service anew and returns in time.

    :param conf: the configuration.
    :param node: :class:`baas.runner.inventory.Node`.
    :param check_lease: called before each change; raises when the caller must
        not act any more.
    """

    def __init__(self, conf, node, check_lease):
        self._options, self._node, self._check_lease = conf[
            _GROUP], node, check_lease
        self._conf, self._found = conf, None
        self.id = None

    @property
    def _api(self):
        """The service, found at the first use, which asks it."""
        if self._found is None:
            self._found = self._connect(self._conf)
        return self._found

    def _connect(self, conf):
        auth = loading.load_auth_from_conf_options(conf, _GROUP)
        session = loading.load_session_from_conf_options(
            conf, _GROUP, auth=auth,
            timeout=self._options.timeout or _ANSWER)
        return connection.Connection(
            session=session, region_name=self._options.region_name,
            baremetal_endpoint_override=self._options.endpoint_override,
            baremetal_interface=self._options.valid_interfaces).baremetal

    def look(self):
        """Give the node as it is now (an openstacksdk resource).

        :raises Absent: there is none.
        :raises Silent: the service did not answer for long.
        """
        until = time.monotonic() + self._options.api_timeout
        while True:
            try:
                with self._explained('show'):
                    if self.id is None:
                        self.id = self._find()
                    return self._api.get_node(self.id)
            except Unavailable:
                if time.monotonic() > until:
                    raise
                time.sleep(_POLL)

    def _find(self):
        for name in (self._node.baremetal_uuid, self._node.baremetal_name):
            with contextlib.suppress(exceptions.NotFoundException):
                if name:
                    return self._api.get_node(name, fields=['uuid']).id
        if self._node.instance_uuid:
            for found in self._api.nodes(
                    instance_id=self._node.instance_uuid):
                return found.id
        names = (self._node.baremetal_uuid, self._node.baremetal_name,
                 self._node.instance_uuid)
        raise NotFound(node=next(filter(None, names), self._node.name))

    def wait_idle(self, seconds=None):
        """Wait until nobody is at work on the node; give it.

        :param seconds: how long at most; None for [boot_ironic] state_timeout.
        :raises Refused: somebody still is.
        """
        until = time.monotonic() + (seconds if seconds is not None
                                    else self._options.state_timeout * 60)
        while True:
            found = self.look()
            busy = work(found)
            if not busy:
                return found
            if time.monotonic() > until:
                raise self._refused('finish what is at work on', busy)
            time.sleep(_POLL)

    def inventory(self):
        """Give what the last inspection of the hardware has found (dict),
        None when there was none or the service is too old to tell."""
        with (self._explained('show the inventory of'),
              contextlib.suppress(exceptions.NotFoundException)):
            return self._api.get_node_inventory(self.id)['inventory']
        return None

    def patch(self, changes):
        """Change fields: a JSON patch (list of dict)."""
        self._change('change', lambda: self._api.patch_node(
            self.id, changes) if changes else None)

    def maintenance(self, on, reason=None):
        """Set or end maintenance."""
        if on:
            self._change('set maintenance of', lambda: (
                self._api.set_node_maintenance(self.id, reason)))
        else:
            self._change('end maintenance of', lambda: (
                self._api.unset_node_maintenance(self.id)))

    def validate(self):
        """Make sure that the node could be deployed as it is."""
        self._change('validate', lambda: self._api.validate_node(
            self.id, required=('boot', 'deploy', 'power')))

    def rebuild(self):
        """Deploy anew what the fields say; wait until that is done."""
        self._change('rebuild', lambda: self._api.set_node_provision_state(
            self.id, 'rebuild'))
        found = self.wait_idle()
        if found.provision_state != 'active':
            raise self._refused('rebuild', found.last_error
                                or f'it is {found.provision_state}')

    def power(self, target):
        """Change the power state; wait until that is done.

        :param target: ``power on``, ``power off`` or ``rebooting``.
        """
        self._change(f'turn to {target}', lambda: (
            self._api.set_node_power_state(self.id, target)))
        found = self.wait_idle()
        wanted = 'power off' if target == 'power off' else 'power on'
        if found.power_state != wanted or found.last_error:
            raise self._refused(f'turn to {target}', found.last_error
                                or f'it is {found.power_state}')

    def boot_device(self):
        """Give {boot_device, persistent}, as the BMC says.

        :raises Refused: it does not say.
        """
        with self._explained('ask the BMC of'):
            said = self._api.get_node_boot_device(self.id)
        return {key: said.get(key) for key in ('boot_device', 'persistent')}

    def boot_from(self, device, persistent):
        """Choose what the machine boots from."""
        self._change(f'boot from {device}', lambda: (
            self._api.set_node_boot_device(self.id, device, persistent)))

    def media(self):
        """Give the URL of the inserted CD, None when there is none or the
        service is too old, or its driver not able, to tell.

        :raises Silent: the service did not answer.
        :raises Denied: it does not tell us.
        :raises Refused: it cannot tell now, such as while the BMC is away.
        """
        with self._explained('show the media of'):
            answer = self._api.get(f'/nodes/{self.id}/vmedia',
                                   microversion='1.93')
        if answer.status_code in (401, 403):
            raise self._forbidden('show the media of', answer.text)
        if answer.status_code in (502, 503, 504):
            raise Unavailable(said=_short(answer.text))
        if answer.status_code >= 500 or answer.status_code in _NOT_NOW:
            raise self._refused('show the media of', answer.text)
        if answer.status_code != 200:
            return None
        return next((one['image'] or 'something' for one in answer.json()
                     if one['inserted'] and {'CD', 'DVD'} & {
                         *one['media_types']}), None)

    def insert(self, url):
        """Insert a CD; wait until that is done."""
        self._change('insert a CD into', lambda: (
            self._api.attach_vmedia_to_node(self.id, 'cdrom', url)))
        self._done('insert a CD into')

    def eject(self):
        """Eject the CD; wait until that is done."""
        self._change('eject the CD of', lambda: (
            self._api.detach_vmedia_from_node(self.id, ['cdrom'])))
        self._done('eject the CD of')

    def _done(self, what):
        found = self.wait_idle()
        if found.last_error:
            raise self._refused(what, found.last_error)

    def _change(self, what, call):
        # A change that comes while the service looks after the node is
        # refused; those are short.
        self.wait_idle(self._options.api_timeout)
        self._check_lease()
        with self._explained(what):
            call()

    def _refused(self, what, said):
        return Refused(what=what, node=self._node.name, said=_short(said))

    def _forbidden(self, what, error):
        return Forbidden(what=what, node=self._node.name, said=_short(
            getattr(error, 'details', None) or error))

    @contextlib.contextmanager
    def _explained(self, what):
        try:
            yield
        except (auth_exceptions.http.Unauthorized,
                auth_exceptions.http.Forbidden,
                exceptions.ForbiddenException) as error:
            raise self._forbidden(what, error) from error
        except (auth_exceptions.ConnectFailure,
                auth_exceptions.DiscoveryFailure,
                auth_exceptions.EndpointNotFound,
                auth_exceptions.http.HttpError) as error:
            raise Unavailable(said=_short(error)) from error
        except (exceptions.SDKException,
                auth_exceptions.ClientException) as error:
            if getattr(error, 'status_code', None) == 401:
                raise self._forbidden(what, error) from error
            if getattr(error, 'status_code', None) in (502, 503, 504):
                raise Unavailable(said=_short(error)) from error
            raise self._refused(what, getattr(error, 'details', None)
                                or error) from error


def work(found):
    """Tell what is at work on a node, or None.

    :param found: what :meth:`Node.look` gave.
    """
    state = found.provision_state
    if found.reservation:
        return f'it is locked by {found.reservation}'
    if found.target_power_state:
        return f'it is on its way to {found.target_power_state}'
    if state not in _STABLE and not state.endswith('failed'):
        return f'it is {state}'
    return None


def _short(said):
    return re.sub(r'\s+', ' ', str(said)).strip().rstrip('.')[:400]
