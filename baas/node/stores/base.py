# SPDX-License-Identifier: Apache-2.0
"""What every kind of store can do."""
import abc

from baas.node import errors


class Store(abc.ABC):
    """A place for objects, named by a path with slashes.

    A context: what is open is closed at its end. It is for one object at a
    time. All methods raise :class:`baas.node.errors.NodeError`, as its class
    does when it is called: with what the service told of the store (dict),
    and with what puts the paths of this node into a word of that.
    """

    @abc.abstractmethod
    def write(self, name, partial):
        """Begin to write an object (:class:`Sink`).

        :param name: what it is called when it is whole.
        :param partial: last part of its name until then, which is that of
            whoever writes: what is left of an earlier try is replaced.
        """

    @abc.abstractmethod
    def open(self, name):
        """Open an object: a context with ``read(size)``."""

    @abc.abstractmethod
    def exists(self, name):
        """Tell whether there is an object of a name."""

    @abc.abstractmethod
    def remove(self, name):
        """Remove an object; that there is none is no error."""

    def close(self):
        """Close what is open."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Sink(abc.ABC):
    """An object that is being written.

    As a context it removes what was not published, as far as it can.
    """

    published = False

    @abc.abstractmethod
    def write(self, data):
        """Write bytes at the end."""

    @abc.abstractmethod
    def publish(self):
        """Make all last, then give it its name, if nothing has it yet."""

    @abc.abstractmethod
    def discard(self):
        """Remove what was written."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if not self.published:
            try:
                self.discard()
            except errors.NodeError:
                # The error that led here says more; release tries again.
                pass


def beside(name, partial):
    """Give the name of an object that is not whole yet."""
    return '/'.join(name.split('/')[:-1] + [partial])


def stored_already(name):
    """Make the error of a name that something has."""
    return errors.NodeError(
        '%s is stored already.' % name,
        'Keep it; take a new backup with an id of its own.')
