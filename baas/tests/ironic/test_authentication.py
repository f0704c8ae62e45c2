# SPDX-License-Identifier: Apache-2.0
"""Boot method ironic where the Bare Metal service wants to know who asks."""
import bcrypt
from keystoneauth1 import loading
from oslo_config import cfg
import requests

from baas.tests.integration import keystone
from baas.tests.integration import process
from baas.tests.ironic import bare_metal
from baas.tests.ironic import booting
from baas.tests.unit.boot.methods import contract

PASSWORD = 'of-the-tests'


class AuthenticationContract(contract.Acts):
    """What must be true of each strategy; a mixin.

    The class gives ``serve``, which starts such a service, and ``options``,
    what section [boot_ironic] has for who may do all.
    """
    files = ('iso',)

    @classmethod
    def setUpClass(cls):
        # Without the service of the other tests.
        super(booting.IronicTest, cls).setUpClass()
        folder = cls.enterClassContext(process.folder())
        cls.ironic = cls.serve(folder)
        cls.addClassCleanup(cls.ironic.stop)
        cls.ironic.start()
        cls.metal = cls.ironic.enrol(cls.number, **cls.columns)

    def setUp(self):
        # Some of them are required, and no other test has them.
        self.addCleanup(
            cfg.CONF.unregister_opts, loading.get_auth_plugin_conf_options(
                self.options()['auth_type']), 'boot_ironic')
        super().setUp()
        self.log_in()

    def log_in(self, **others):
        """Write who asks into the section."""
        options = {**self.options(), **others}
        # What other tests have set is an override, and comes first.
        self.configure('boot_ironic', **{
            name: options.pop(name)
            for name in ('auth_type', 'endpoint_override')})
        self.service.conf.load_raw_values(group='boot_ironic', **options)

    def test_who_may_do_all_boots_a_machine_and_puts_it_back(self):
        before = self.seen()
        self.assertEqual('', self.problem())
        self.begin()
        self.assertIsNotNone(self.ironic.bmc.medium(self.number))
        self.cleanup()
        self.assertEqual(before, self.seen())

    def test_a_wrong_password_is_told_and_not_shown(self):
        self.log_in(password='wrong-one')
        [found] = self.boot().problems(self.machine())
        self.assertIn('The Bare Metal service does not let this service show '
                      'node controller-0', found.cause)
        self.assertIn('[boot_ironic]', found.hint)
        self.assertNotIn('wrong-one', f'{found}')


class BasicTest(AuthenticationContract, booting.IronicTest):
    """Accounts of a file, as where there is no Keystone."""

    @classmethod
    def serve(cls, folder):
        accounts = folder / 'htpasswd'
        accounts.write_bytes(b'ada:' + bcrypt.hashpw(
            PASSWORD.encode(), bcrypt.gensalt(5)) + b'\n')
        return bare_metal.Ironic(
            folder, 'http_basic',
            f'http_basic_auth_user_file = {accounts}\n',
            lambda: {'auth': ('ada', PASSWORD)})

    def options(self):
        return {'auth_type': 'http_basic', 'username': 'ada',
                'password': PASSWORD,
                'endpoint_override': self.ironic.url}


class KeystoneTest(AuthenticationContract, booting.IronicTest):
    """Users of a cloud; where the service is, is in the catalogue."""

    @classmethod
    def serve(cls, folder):
        port = process.free_port()
        cls.keystone = keystone.Keystone(
            folder, f'http://127.0.0.1:{port}', 'baremetal')
        cls.addClassCleanup(cls.keystone.stop)
        cls.keystone.start()
        found = bare_metal.Ironic(
            folder, 'keystone', cls.keystone.options(),
            lambda: {'headers': {'X-Auth-Token': cls.token()}}, port)
        return found

    @classmethod
    def token(cls):
        answer = requests.post(f'{cls.keystone.url}/auth/tokens', timeout=60,
                               json={'auth': {
                                   'identity': {
                                       'methods': ['password'],
                                       'password': {'user': {
                                           'name': 'admin',
                                           'domain': {'id': 'default'},
                                           'password': keystone.PASSWORD}}},
                                   'scope': {'system': {'all': True}}}})
        answer.raise_for_status()
        return answer.headers['X-Subject-Token']

    def options(self, user='admin', scope=(('system_scope', 'all'),)):
        return {'auth_type': 'password', 'auth_url': self.keystone.url,
                'username': user, 'password': keystone.PASSWORD,
                'user_domain_name': 'Default', **dict(scope),
                'region_name': 'RegionOne', 'valid_interfaces': 'public',
                'endpoint_override': None}

    def test_a_reader_of_another_project_finds_no_such_node(self):
        self.log_in(**self.options('rea', (
            ('project_name', keystone.PROJECT),
            ('project_domain_name', 'Default'), ('system_scope', ''))))
        [found] = self.boot().problems(self.machine())
        self.assertRegex(found.cause, 'The Bare Metal service (has no|does '
                                      'not let this service show) node')
        self.assertIn('[boot_ironic]', found.hint)
