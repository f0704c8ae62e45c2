# SPDX-License-Identifier: Apache-2.0
"""Finds what is wrong in configuration files before anything is made: values
that are none, sections and options that nobody knows."""
import contextlib
import difflib
from importlib import metadata
import os
import re
import stat

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import loading
from oslo_config import cfg
from oslo_log import log

from baas.conf import files
from baas.conf import opts
from baas import errors

_LIBRARIES = ('oslo.log', 'oslo.db', 'oslo.messaging', 'oslo.policy',
              'oslo.middleware', 'keystonemiddleware.auth_token')
_OTHERS = ('oslo_messaging_',)
"""Sections that drivers may have which are not installed."""
_DRIVERS = ('storage', 'boot')
_CHOSEN = {'storage': 'driver', 'boot': 'method'}


def load(argv, prog, conf=cfg.CONF):
    """As :func:`baas.conf.opts.load`, for a program that is started.

    What it makes from then on is for its own user alone, whatever the umask
    of who starts it.

    :raises ConfigurationError: a file cannot be read or has what is of no
        use; nothing was made.
    """
    os.umask(0o077)
    with explained():
        _demand_text(argv)
        opts.load(argv, prog, conf, check)


def _demand_text(argv):
    """Look at the bytes of the files that are named: to oslo.config they are
    of no file."""
    for before, word in zip(['', *argv], argv):
        name, _, path = word.partition('=')
        if before == '--config-file':
            name, path = before, word
        if name != '--config-file' or not os.path.isfile(path):
            continue
        try:
            with open(path, encoding='utf-8') as file:
                file.read()
        except UnicodeDecodeError as error:
            raise errors.ConfigurationError(
                reason=f'{path} is no text in UTF-8: its byte {error.start} '
                       f'is 0x{error.object[error.start]:02x}',
                remedy='Write it anew, in UTF-8') from error
        except OSError:
            pass  # oslo.config says so


@contextlib.contextmanager
def explained():
    """Let what oslo.config and oslo.log raise leave as
    :class:`ConfigurationError`."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise errors.ConfigurationError(
            reason=f'A configuration file is no text in UTF-8: its byte '
                   f'{error.start} is 0x{error.object[error.start]:02x}',
            remedy='Find the file with "iconv -f utf-8 FILE >/dev/null", and '
                   'write it anew') from error
    except cfg.Error as error:
        raise errors.ConfigurationError(
            reason=_sentence(error),
            remedy='Correct the file, or name the right one with '
                   '--config-file')
    except (OSError, log.LogConfigError) as error:
        raise errors.ConfigurationError(
            reason=f'The log cannot be written: {_sentence(error)}',
            remedy='Set [DEFAULT] log_file and log_dir to where the user of '
                   'the service can write')


def check(conf=cfg.CONF):
    """Look at all sections and values of the files that were read.

    :raises ConfigurationError: one is of no use; it is named.
    """
    read = files.of(conf)
    written = {path: files.parsed(path) for path in read}
    known = _known(written)
    for path, sections in written.items():
        _demand_own(path)
        for section, options in sections.items():
            _demand_known(path, section, options, known)
    _demand_values(read, known)
    if os.path.isdir(conf.state_path):
        _demand_own(conf.state_path)
    for section, option in _CHOSEN.items():
        _demand_driver(section, option, conf[section][option])


def _demand_own(path):
    if os.stat(path).st_mode & stat.S_IWOTH:
        raise errors.ConfigurationError(
            reason=f'Everybody can write to {path}, and so have the service '
                   'do anything',
            remedy=f'Let nobody else, with "chmod o-w {path}"')


def _demand_driver(section, option, name):
    known = metadata.entry_points(group=f'baas.{section}').names
    if name not in known:
        raise errors.ConfigurationError(
            reason=f'Option {option} of section [{section}] is {name}, which '
                   'is not installed',
            remedy=f'Set it to one of {", ".join(sorted(known))}')


def _demand_known(path, section, options, known):
    if section not in known:
        if _is_of_driver(section):
            return
        raise errors.ConfigurationError(
            reason=f'{path} has section [{section}], which nobody knows',
            remedy=_nearest(section, known, '[{}]'))
    names = {name for opt in known[section].values()
             for name in _names(opt, section)}
    # What was moved to another section is still read where it was.
    names |= {old.name for group in known.values() for opt in group.values()
              for old in opt.deprecated_opts
              if old.name and (old.group or 'DEFAULT') == section}
    for option, values in options.items():
        if any('\0' in value for value in values):
            raise errors.ConfigurationError(
                reason=f'{path} has a NUL byte in option {option} of section '
                       f'[{section}]', remedy='Write it anew')
        if option not in names:
            elsewhere = sorted(group for group, ones in known.items()
                               if option in ones)
            raise errors.ConfigurationError(
                reason=f'{path} has option {option} in section [{section}], '
                       f'which nobody knows',
                remedy=f'Move it to section [{elsewhere[0]}]' if elsewhere
                else _nearest(option, names, '{}'))


def _nearest(name, names, form):
    near = difflib.get_close_matches(name, sorted(names), 1)
    return (f'Write {form.format(near[0])} if that is what is meant'
            if near else 'Remove it')


def _names(opt, section):
    yield from (opt.dest, opt.name)
    for old in opt.deprecated_opts:
        if (old.group or section) == section:
            yield from (old.name or opt.dest,
                        (old.name or opt.dest).replace('-', '_'))


def _is_of_driver(section):
    """Tell whether a section may belong to a driver that brings options of
    its own."""
    kind, _, name = section.partition('_')
    return section.startswith(_OTHERS) or kind in _DRIVERS and name in (
        metadata.entry_points(group=f'baas.{kind}').names)


def _demand_values(read, known):
    """Read every option once, those of libraries included, which are read
    only when they are needed."""
    conf = cfg.ConfigOpts()
    for section, found in known.items():
        for opt in found.values():
            with contextlib.suppress(cfg.DuplicateOptError):
                conf.register_opt(
                    opt, None if section == 'DEFAULT' else section)
    # What a library that is not used requires is not there.
    with contextlib.suppress(cfg.RequiredOptError):
        conf([], default_config_files=read, default_config_dirs=[])
    for section, found in known.items():
        place = conf if section == 'DEFAULT' else conf[section]
        for name in found:
            try:
                place[name]
            except cfg.ConfigFileValueError as error:
                raise errors.ConfigurationError(
                    reason=f'Option {name} of section [{section}] has a value '
                           f'that is none: {_value(error)}',
                    remedy='Correct it, or leave it out for the default')


def _known(written):
    """Give all options that are read, as {section: {name: option}}."""
    found = {'DEFAULT': {}}
    for section, options in _listed(written):
        section = getattr(section, 'name', section) or 'DEFAULT'
        found.setdefault(section, {}).update(
            {opt.dest: opt for opt in options})
    return found


def _listed(written):
    yield from opts.list_opts()
    for point in metadata.entry_points(group='oslo.config.opts'):
        if point.name.startswith(_LIBRARIES):
            yield from point.load()()
    # Where there is a kind of authentication, it has options of its own.
    for sections in written.values():
        for section, options in sections.items():
            for other in options.get('auth_section', ()):
                yield other, loading.get_auth_common_conf_options()
            for kind in options.get('auth_type', ()):
                yield section, _of_authentication(section, kind)


def _of_authentication(section, kind):
    try:
        return loading.get_auth_plugin_conf_options(kind)
    except keystone_exceptions.NoMatchingPlugin:
        raise errors.ConfigurationError(
            reason=f'Option auth_type of section [{section}] is {kind}, which '
                   f'is not installed',
            remedy='Set it to password, or install what brings it')


def _value(error):
    """Say what is wrong with a value, where a library says that in the words
    of its code."""
    said = _sentence(error)
    found = re.match(r"(?:invalid literal for int\(\) with base 10|could not "
                     r"convert string to float): ('.*')$", said)
    if found:
        return f'{found[1]} is no number'
    if 'URIReference(' in said:
        return 'it is no whole URL, such as https://host:port'
    return said


def _sentence(error):
    """Give the last part of what a library says, without its full stop."""
    text = ' '.join(str(error).split())
    return text.rpartition(' is not valid: ')[2].rstrip('.')
