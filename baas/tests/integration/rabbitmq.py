# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ broker of one test's own."""
import os

from baas.tests.integration import process

_HOME = '/usr/lib/rabbitmq'


class RabbitMQ:
    """RabbitMQ and its port mapper, both on the loopback.

    :param folder: where its data go (:class:`pathlib.Path`).
    """

    def __init__(self, folder):
        self.port = process.free_port()
        home = folder / 'rabbitmq'
        home.mkdir()
        mapper = process.free_port()
        loopback = '-kernel inet_dist_use_interface {127,0,0,1}'
        env = {
            'PATH': f'{_HOME}/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            'HOME': str(home), 'LANG': 'C.UTF-8',
            'ERL_EPMD_ADDRESS': '127.0.0.1', 'ERL_EPMD_PORT': str(mapper),
            'RABBITMQ_NODENAME': f'baas{self.port}@localhost',
            'RABBITMQ_NODE_IP_ADDRESS': '127.0.0.1',
            'RABBITMQ_NODE_PORT': str(self.port),
            'RABBITMQ_DIST_PORT': str(process.free_port()),
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': loopback,
            'RABBITMQ_MNESIA_BASE': str(home / 'data'),
            'RABBITMQ_LOG_BASE': str(home / 'log'),
            'RABBITMQ_PID_FILE': str(home / 'pid'),
            'RABBITMQ_CONF_ENV_FILE': os.devnull,
            'RABBITMQ_CONFIG_FILE': str(home / 'none'),
            'RABBITMQ_ENABLED_PLUGINS_FILE': str(home / 'plugins'),
        }
        self._mapper = process.Process(
            'epmd', ['epmd', '-port', mapper, '-address', '127.0.0.1'],
            folder, env)
        # The wrapper in /usr/sbin would change the user; not this one.
        self.process = process.Process(
            'rabbitmq', [f'{_HOME}/bin/rabbitmq-server'], folder, env)

    @property
    def url(self):
        """What ``transport_url`` takes."""
        return f'rabbit://guest:guest@127.0.0.1:{self.port}/'

    def start(self):
        """Start it, or start it again; give itself."""
        if not self._mapper.is_running:
            self._mapper.start()
        self.process.start().wait_until(
            lambda: process.answers(self.port), 'RabbitMQ listens')
        return self

    def kill(self):
        """Take its power away; its data stay."""
        self.process.kill()
        # The kernel needs a moment to take down so large a process.
        process.wait_until(lambda: not process.answers(self.port),
                           'RabbitMQ is gone')

    def stop(self):
        """End it and its port mapper."""
        self.process.kill()
        self._mapper.kill()
