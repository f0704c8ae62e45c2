# SPDX-License-Identifier: Apache-2.0
"""What all tests of the boot method ironic share: one Bare Metal service, and
a node of it."""
import unittest

from baas.tests.integration import process
from baas.tests.ironic import bare_metal
from baas.tests.unit.boot import site

FIELDS = ('instance_info', 'deploy_interface', 'boot_interface', 'protected',
          'protected_reason', 'maintenance', 'maintenance_reason',
          'provision_state', 'instance_uuid', 'retired', 'owner')


def setUpModule():
    """Start one Bare Metal service for all tests."""
    global _ironic
    folder = unittest.enterModuleContext(process.folder())
    _ironic = bare_metal.Ironic(folder)
    unittest.addModuleCleanup(_ironic.stop)
    _ironic.start()


class IronicTest(site.SiteTest):
    """Has a Bare Metal service with an active node.

    :cvar number: of the node's machine.
    :cvar columns: what differs from an ordinary Redfish machine.
    """
    method = 'ironic'
    mechanism = 'auto'
    number = 0
    columns = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ironic = _ironic
        cls.metal = cls.ironic.enrol(cls.number, **cls.columns)

    def setUp(self):
        super().setUp()
        self.configure('boot_ironic', mechanism=self.mechanism,
                       state_timeout=1,
                       api_timeout=60, auth_type='none',
                       endpoint_override=self.ironic.url)
        self.iso()

    def node(self, **values):
        return super().node(**{'baremetal_uuid': self.metal, **values})

    def show(self):
        return self.ironic('GET', f'/v1/nodes/{self.metal}')

    def seen(self):
        found = self.show()
        return {**{name: found[name] for name in FIELDS},
                'device': self.ironic.bmc.system(self.number)[1],
                'medium': self.ironic.bmc.medium(self.number)}

    def problem(self, **values):
        """Give what is in the way of a machine."""
        return ' '.join(one.cause for one in self.boot().problems(
            self.machine(**values)))
