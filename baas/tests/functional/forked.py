# SPDX-License-Identifier: Apache-2.0
"""Programs of the service, begun without loading their modules each time.

Nine tenths of a program that is refused are the modules that it loads. Here
a process loads those of one program and does nothing else; each start is a
fork of it, which runs the program from its first line as ``python -m`` does,
with arguments, environment, folder, standard error and exit status of its
own. What a fork cannot show, that a program loads all it needs, is seen where
programs are started as such: ``test_start``, for one."""
import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile


def run(program, *argv, env=None, umask=-1, timeout=60):
    """Run a program to its end.

    :param program: its name in ``baas.cmd``.
    :param env: its environment; None for that of the caller.
    :param umask: its umask; that of the caller when not given.
    :returns: :class:`subprocess.CompletedProcess`, with texts.
    :raises subprocess.TimeoutExpired: it was not in time, and was killed.
    """
    with tempfile.TemporaryFile('w+') as out, \
            tempfile.TemporaryFile('w+') as err:
        status = _parent(program).run({
            'argv': argv, 'env': dict(os.environ if env is None else env),
            'cwd': os.getcwd(), 'umask': umask}, out, err, timeout)
        out.seek(0), err.seek(0)
        return subprocess.CompletedProcess(
            [program, *argv], status, out.read(), err.read())


@functools.cache
def _parent(program):
    return _Parent(program)


class _Parent:
    """The process that has loaded a program; it ends with this one."""

    def __init__(self, program):
        self._program = program
        self._socket, other = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, '-W', 'ignore', '-m', __name__, program,
                 str(other.fileno())], pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL)
        self._answers = self._socket.makefile()
        atexit.register(self._end)

    def _end(self):
        self._answers.close()
        self._socket.close()
        self._process.wait()

    def run(self, asked, out, err, timeout):
        socket.send_fds(self._socket, [json.dumps(asked).encode()],
                        [out.fileno(), err.fileno()])
        pid = int(self._answers.readline())
        self._socket.settimeout(timeout)
        try:
            return int(self._answers.readline())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._process.kill()
            _parent.cache_clear()
            raise subprocess.TimeoutExpired(self._program, timeout)
        finally:
            self._socket.settimeout(None)


def _serve(connection):
    """Fork for each request; only children return.

    :returns: arguments of the program (list of str).
    """
    while True:
        said, descriptors, _flags, _from = socket.recv_fds(
            connection, 1 << 20, 2)
        if not said:
            os._exit(0)
        pid = os.fork()
        if not pid:
            connection.close()
            return _become(json.loads(said), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        connection.sendall(b'%d\n' % pid)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        connection.sendall(b'%d\n' % status)


def _become(asked, out, err):
    os.dup2(out, 1), os.dup2(err, 2)
    os.close(out), os.close(err)
    os.environ.clear()
    os.environ.update(asked['env'])
    os.chdir(asked['cwd'])
    if asked['umask'] >= 0:
        os.umask(asked['umask'])
    return asked['argv']


def _load(program):
    """Load what a program loads until it has read its configuration."""
    importlib.import_module(f'baas.cmd.{program}')
    del sys.modules[f'baas.cmd.{program}']
    from baas.conf import check
    from baas.conf import opts
    from oslo_config import cfg
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override('state_path', '/')
    check.check(conf)


if __name__ == '__main__':
    name, number = sys.argv[1:]
    _load(name)
    gc.freeze()  # what the parent has is nothing that a child can free
    sys.argv[1:] = _serve(socket.socket(fileno=int(number)))
    runpy.run_module(f'baas.cmd.{name}', run_name='__main__', alter_sys=True)
