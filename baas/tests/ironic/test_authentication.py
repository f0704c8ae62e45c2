# SPDX-License-Identifier: Apache-2.0
"""Boot method ironic where the Bare Metal service wants to know who asks."""
import bcrypt
import requests

from baas.tests.integration import keystone
from baas.tests.integration import process
from baas.tests.ironic import bare_metal
from baas.tests.ironic import test_ironic
from baas.tests.unit.boot import contract

PASSWORD = 'of-the-tests'


class AuthenticationContract(contract.Acts):
    """What must be true of each strategy; a mixin.

    The class gives ``serve``, which starts such a service, and ``options``,
    what section [boot_ironic] has for who may do all.
    """

    @classmethod
    def setUpClass(cls):
        # Without the service of the other tests.
        super(test_ironic.IronicTest, cls).setUpClass()
        folder = cls.enterClassContext(process.folder())
        cls.ironic = cls.serve(folder)
        cls.addClassCleanup(cls.ironic.stop)
        cls.ironic.start()
        cls.metal = cls.ironic.enrol(cls.number, **cls.columns)

    def setUp(self):
        super().setUp()
        self.log_in()

    def log_in(self, **others):
        """Write who asks into the section."""
        self.service.conf.load_raw_values(
            group='boot_ironic', **{**self.options(), **others})

    def test_who_may_do_all_boots_a_machine_and_puts_it_back(self):
        before = self.seen()
        self.assertEqual('', self.problem())
        debt = self.begin()
        self.assertIsNotNone(self.ironic.bmc.medium(self.number))
        self.put_back(debt)
        self.assertEqual(before, self.seen())

    def test_a_wrong_password_is_told_and_not_shown(self):
        self.log_in(password='wrong-one')
        said = self.problem()
        self.assertRegex(said, 'The Bare Metal service .*(401|[Uu]nauth|'
                               '[Ii]ncorrect)')
        self.assertNotIn('wrong-one', said)


class BasicTest(AuthenticationContract, test_ironic.IronicTest):
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


class KeystoneTest(AuthenticationContract, test_ironic.IronicTest):
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

    def options(self, user='baas', project='service'):
        return {'auth_type': 'password', 'auth_url': self.keystone.url,
                'username': user, 'password': keystone.PASSWORD,
                'user_domain_name': 'Default', 'project_name': project,
                'project_domain_name': 'Default',
                'region_name': 'RegionOne', 'valid_interfaces': 'public',
                'endpoint_override': ''}

    def test_who_may_only_look_at_other_things_is_told_so(self):
        self.log_in(**self.options('rea', keystone.PROJECT))
        self.assertRegex(self.problem(), 'The Bare Metal service')
