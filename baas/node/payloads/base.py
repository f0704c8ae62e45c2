# SPDX-License-Identifier: Apache-2.0
"""What every kind of payload can do."""
import abc


class Payload(abc.ABC):
    """One kind. What it keeps is in the journal, and not in here.

    All methods raise :class:`baas.node.errors.NodeError`.

    :cvar name: the kind, as options and manifests say it.
    :cvar repeats: True when reading again what was read before costs little:
        only such a kind can read a quiesced node.
    """

    name = ''
    repeats = False

    @abc.abstractmethod
    def problems(self):
        """List what is missing on this node ([{'cause', 'hint'}]), but for
        what the service brings."""

    @abc.abstractmethod
    def require(self, request):
        """See that all is there that it takes, credentials too.

        :returns: {program: version}.
        """

    @abc.abstractmethod
    def prepare(self, request):
        """Make the place that it stores in ready; again is harmless.

        :returns: True when it is new.
        """

    @abc.abstractmethod
    def reader(self, request, top, kind, parent):
        """Give the :class:`Reader` of a tree.

        :param top: top of the tree (bytes).
        :param kind: what the reading is for: ``payload`` or ``precopy``.
        :param parent: what an earlier one gave as ``snapshot``, or None.
        """

    @abc.abstractmethod
    def store_list(self, request, path):
        """Store the file list.

        :param path: where it is (str).
        :returns: {'stored': bytes, 'added': bytes before they were
            compressed, ...}; what else it has goes into the
            result of the capture, for the manifest.
        """

    @abc.abstractmethod
    def fetch_list(self, request, path):
        """Write the file list of a backup to a path."""

    @abc.abstractmethod
    def restore(self, request, root):
        """Write all files below a folder (str), telling how far it is.

        :returns: bytes of all that was restored (int).
        """

    @abc.abstractmethod
    def clear(self, request):
        """Remove what a job has begun to store, as far as it can.

        :param request: of the verb ``release``.
        :returns: {'unlocked': bool, 'forgotten': int}.
        """


class Reader(abc.ABC):
    """Reads a tree into the storage; made, told of the files, begun, ended.
    """

    def take(self, path, found):
        """Hear of a file that is to be read, in the order of the list.

        :param path: below the top (bytes).
        :param found: its lstat.
        """

    @abc.abstractmethod
    def begin(self, left_out):
        """Begin to read in the background.

        :param left_out: paths that are not to be read (list of bytes).
        """

    @abc.abstractmethod
    def wait(self, seconds):
        """Wait a while; tell whether it has ended."""

    @abc.abstractmethod
    def progress(self):
        """Tell how far it is: {'bytes_done', 'files_done'}."""

    @abc.abstractmethod
    def finish(self, what, live=False):
        """Give the result of a reading that has ended well.

        :param what: what was done, for a sentence.
        :param live: True when some files may be missing.
        :returns: {'snapshot': id or None, 'stored', 'added', 'files',
            'bytes', ...}
        """

    @abc.abstractmethod
    def kill(self, patience=20):
        """End it, whatever it does.

        :param patience: seconds for its programs to end by themselves.
        """
