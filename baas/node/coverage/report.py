# SPDX-License-Identifier: Apache-2.0
"""All that a backup of this node does not hold."""
from baas.node.coverage import devices
from baas.node.coverage import gaps
from baas.node.coverage import held
from baas.node.coverage import mounts
from baas.node.coverage import secrets
from baas.node.coverage import services
from baas.node.disks import filesystems
from baas.node import errors
from baas.node.services import base


def report(options, quiesced=(), unknown=()):
    """Tell what a backup would not hold. It never fails: what cannot be told
    is a gap itself, and no reason to go without a backup.

    :param options: of the verb ``check``: excludes, stopall, units, mode,
        coverage ({'storage': folder of the storage on this node, or None}).
    :param quiesced: names of what would be quiesced.
    :param unknown: names of what would be and is not known here.
    :returns: {'gaps': as of :func:`gaps.gap`, 'looked': kinds of which all
        gaps are known (sorted)}.
    """
    found, looked = [], ['unanswered']
    for kind, look in _looks(options, quiesced, unknown):
        try:
            found += look()
        except errors.NodeError as error:
            found.append(_unanswered(kind, error.cause))
        except Exception as error:  # whatever it is: see above
            found.append(_unanswered(kind, '%s: %s.' % (
                type(error).__name__, error)))
        else:
            looked.append(kind)
    if not options.get('stopall'):
        found.append(services.none_is())
    return {'gaps': gaps.merged(found), 'looked': sorted(looked)}


def _looks(options, quiesced, unknown):
    """Give pairs of a kind and what finds its gaps; each of them begins with
    a look at the mounts, which may fail like any other."""
    place = (options.get('coverage') or {}).get('storage')

    def own():
        return held.Held(filesystems.mounts(), options.get('excludes') or [])

    yield 'filesystem', lambda: mounts.look(own(), place)
    yield 'path', lambda: mounts.paths_left_out(own())
    yield 'device', lambda: devices.look(own(), devices.known())
    yield 'secret', lambda: secrets.look(own(), devices.known())
    if options.get('stopall'):
        yield 'service', lambda: services.look(
            options.get('mode') or base.STOP, quiesced, unknown)


def _unanswered(kind, cause):
    return gaps.gap('unanswered', kind, 'unanswered',
                    'Nobody can tell what is not in the backup: %s' % cause)
