# SPDX-License-Identifier: Apache-2.0
"""Objects of a backup: written from programs and read into them, with the
checksum of what is stored."""
import hashlib
import threading

from baas.node import errors
from baas.node import journal
from baas.node.payloads import pace
from baas.node.payloads import pipeline
from baas.node import stores
from baas.node.stores import base

_PIECE = 1 << 20


class Upload:
    """Stores what programs write, in the background.

    It has its name in the store only when all of them have ended well and
    all is on the disk there. As a context it ends them, whatever happens.
    """

    def __init__(self, request, last, commands, cwd=None, source=None):
        """Begin.

        :param last: last part of the object's name.
        :param commands: as of :class:`baas.node.payloads.pipeline.Pipeline`.
        :param cwd: folder of the first command.
        :param source: file that it reads, or None.
        """
        self._name = '%s/%s/%s' % (request.option('folder'),
                                   request.option('backup'), last)
        self._error, self._stored = None, None
        self._what = 'store ' + last
        self._throttle = pace.Throttle(pace.of(request).get('bytes', 0))
        partial = '.%s.%s' % (last, request.job)
        store = stores.of(request)
        try:
            if _add_partial(request, self._name,
                            base.beside(self._name, partial)):
                store.remove(self._name)
            self._sink = store.write(self._name, partial)
            self._pipeline = pipeline.Pipeline(commands, cwd, source)
        except BaseException:
            store.close()
            raise
        # Somebody has to read while this process looks at the files.
        self._thread = threading.Thread(target=self._work, args=(store,),
                                        daemon=True)
        self._thread.start()

    def _work(self, store):
        digest, size = hashlib.sha256(), 0
        try:
            with store, self._sink as sink:
                for piece in iter(
                        lambda: self._pipeline.output.read(_PIECE), b''):
                    digest.update(piece)
                    size += len(piece)
                    sink.write(piece)
                    self._throttle.spend(len(piece))
                self._pipeline.finish(self._what)
                sink.publish()
        except Exception as error:
            self._error = error
            self._pipeline.kill()
        else:
            self._stored = {'name': self._name, 'size': size,
                            'sha256': digest.hexdigest()}

    def checkpoint(self):
        """See :meth:`baas.node.payloads.pipeline.Pipeline.checkpoint`."""
        return self._pipeline.checkpoint()

    def wait(self, seconds):
        """Wait a while; tell whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def finish(self, what):
        """Give {'name', 'size', 'sha256'} of what is stored.

        :raises errors.NodeError: it is not.
        """
        if self._stored is not None:
            return self._stored
        if isinstance(self._error, errors.NodeError):
            raise self._error
        raise errors.NodeError(  # pragma: no cover - a mistake of our own
            'This node could not %s: %s.' % (what, self._error),
            'Release the job and take another backup.')

    def end(self, patience=20):
        """End the programs, and what is not stored yet with them.

        A storage that does not answer is not waited for: what is not whole
        there is removed by the release.

        :param patience: seconds for them to end by themselves.
        """
        if self._thread.is_alive():
            self._pipeline.kill(patience)
            self._thread.join(patience)
        self._pipeline.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.end()


def _add_partial(request, name, partial):
    """Note what is about to be stored; tell whether an earlier try of this
    very job had noted the same, so that what is there is its own."""
    with journal.edit(request.job, request.epoch) as opened:
        return opened.storing(name, partial)


def download(request, told, commands, what, target, report=lambda done: None):
    """Let programs read an object, and see that it is the one it was.

    :param told: {'name', 'size', 'sha256'}.
    :param commands: as of :class:`baas.node.payloads.pipeline.Pipeline`.
    :param target: file that gets what they write, or None.
    :param report: called with the bytes that were read so far.
    :returns: bytes that were read.
    :raises errors.NodeError: it is another one, or a program has failed.
    """
    digest, size = hashlib.sha256(), 0
    with stores.of(request) as store, store.open(told['name']) as source:
        with pipeline.Pipeline(commands, fed=True) as pipe:
            drain = _drain(pipe.output, target)
            for piece in iter(lambda: source.read(_PIECE), b''):
                digest.update(piece)
                size += len(piece)
                try:
                    pipe.input.write(piece)
                except BrokenPipeError:
                    break  # finish says why
                report(size)
            _close(pipe.input)
            drain.join()
            pipe.finish(what)
    if (size, digest.hexdigest()) != (told['size'], told['sha256']):
        raise errors.NodeError(
            '%s is not what this backup had stored.' % told['name'],
            'Verify the backup, or restore another one.')
    return size


def _drain(source, target):
    def work():
        for piece in iter(lambda: source.read(_PIECE), b''):
            if target is not None:
                target.write(piece)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def _close(pipe):
    try:
        pipe.close()
    except BrokenPipeError:  # pragma: no cover - it ends while it is fed
        pass
