# SPDX-License-Identifier: Apache-2.0
"""Images of one restore at an address that nobody can guess, for as long as
they are needed."""
import contextlib
import dataclasses
import os
import pathlib
import secrets
import shutil

import requests

from baas.boot import base

UNDO = 'images'
"""Name under which an undo has the folder of the images."""
_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Images:
    """What the machine is given to boot.

    :ivar folder: where the images lie (:class:`pathlib.Path`).
    :ivar url: where they are served.
    :ivar params: what the kernel command line gets.
    """
    folder: pathlib.Path
    url: str
    params: str

    def path(self, name):
        """Give the path of an image: "kernel", "initrd" or "iso"."""
        return self.folder / file_name(name)

    def address(self, name):
        """Give the URL of an image."""
        return f'{self.url}/{file_name(name)}'


def file_name(name):
    """Give the name of the file of an image; BMCs want the ending."""
    return 'rescue.iso' if name == 'iso' else name


def problems(conf):
    """Look whether images can be published, changing nothing.

    :returns: list of :class:`baas.boot.base.Problem`.
    """
    place, url = conf.boot.images_dir, conf.boot.images_url
    if not place or not url:
        return [base.Problem(
            '[boot] images_dir and images_url are not both set.',
            'Set them to a folder and to the address at which a web server '
            'serves it.')]
    found = []
    if not url.startswith(('http://', 'https://')):
        found.append(base.Problem(
            f'[boot] images_url is {url}, which is neither http nor https.',
            'Serve the images by a web server; the Bare Metal service '
            'refuses most files.'))
    if not os.path.isdir(place) or not os.access(place, os.W_OK | os.X_OK):
        found.append(base.Problem(
            f'{place} is no folder that the service can write to.',
            'Make it and give it to the user of the service.'))
    return found


def place(conf, undo):
    """Make the folder of the images of a restore; again gives the same.

    :param undo: :class:`baas.boot.undo.BootUndo`.
    :returns: :class:`Images`, empty.
    :raises BootError: it cannot be made.
    """
    token = undo.get(UNDO) or secrets.token_urlsafe(32)
    undo.add(UNDO, token)
    folder = pathlib.Path(conf.boot.images_dir) / token
    with explained(folder):
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)
    return Images(folder, f'{conf.boot.images_url.rstrip("/")}/{token}',
                  conf.boot.kernel_params)


def show(images, names):
    """Let the web server read the images, and see that it does.

    :param names: of the images.
    :raises BootError: it serves something else, or lists its folders.
    """
    for name in names:
        with explained(images.path(name)):
            images.path(name).chmod(0o644)
        url, size = images.address(name), images.path(name).stat().st_size
        answer = _ask('HEAD', url)
        if answer.status_code != 200 or answer.headers.get(
                'Content-Length') not in (None, str(size)):
            raise base.BootError(
                reason=f'{url} answers {answer.status_code} in place of the '
                       f'{size} bytes that lie in {images.folder}',
                remedy='Let the web server serve [boot] images_dir at '
                       '[boot] images_url')
    above = images.url.rpartition('/')[0] + '/'
    token = images.folder.name
    if token in _ask('GET', above).text:
        raise base.BootError(
            reason=f'{above} lists what is in it, so that anybody finds the '
                   f'images of a restore',
            remedy='Turn the listing of that folder off, such as by an empty '
                   'index.html in it')


def withdraw(conf, undo):
    """Remove the images of a restore; again is no error.

    :raises BootError: they are still served.
    """
    token = undo.get(UNDO)
    if not token:
        return
    folder = pathlib.Path(conf.boot.images_dir or '/nonexistent') / token
    with explained(folder):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)
    # Another conductor may have published them into a folder of its own.
    url = f'{(conf.boot.images_url or "").rstrip("/")}/{token}/'
    if any(_is_served(url + file_name(name)) for name in ('kernel', 'iso')):
        raise StillThere(url=url)
    undo.clear(UNDO)


class StillThere(base.BootError):
    """Images are served that were removed here."""
    message = 'The images of a restore are still served at {url}.'
    hint = ('Let all conductors share [boot] images_dir, or remove the '
            'folder of that name on the one that ran the restore.')


@contextlib.contextmanager
def explained(path):
    """Let a failure to write leave as :class:`base.BootError`."""
    try:
        yield
    except OSError as error:
        raise base.BootError(
            reason=f'{path} cannot be written: {error.strerror}',
            remedy='Look at the folder [boot] images_dir, its owner and its '
                   'free space') from error


def _is_served(url):
    try:
        return _ask('HEAD', url).status_code == 200
    except base.BootError:
        return False


def _ask(method, url):
    try:
        return requests.request(method, url, timeout=_SECONDS)
    except requests.RequestException as error:
        raise base.BootError(
            reason=f'The web server of [boot] images_url cannot be reached: '
                   f'{error}',
            remedy='Start it, and look whether the conductor reaches it') \
            from error
