# SPDX-License-Identifier: Apache-2.0
"""Nothing is changed that is not what its caller has seen."""
import pecan

from baas import errors

_TRIES = 100


class PreconditionRequired(errors.BaasError):
    """A change does not say of what it is one: 428."""
    code = 428
    faultcode = 'baas.request.precondition_required'
    title = 'Precondition required'
    message = 'The header If-Match is missing.'
    hint = ('Show it first, and send its ETag in If-Match; * changes whatever '
            'it is.')


class PreconditionFailed(errors.BaasError):
    """Somebody has changed it since it was seen: 412."""
    code = 412
    faultcode = 'baas.request.precondition_failed'
    title = 'Precondition failed'
    message = 'The header If-Match names another revision than {revision}.'
    hint = 'Show it again, and send the change again if it is still wanted.'


def apply(get, act, required=True):
    """Do a change to what its caller has seen; whoever takes any revision is
    not refused because others are faster.

    :param get: gives the row as it is.
    :param act: called with the row; gives something false when it has been
        changed since.
    :param required: see :func:`demand`.
    :returns: what ``act`` has given.
    :raises PreconditionRequired: see :func:`demand`.
    :raises PreconditionFailed: something else was seen.
    """
    for _time in range(_TRIES):
        before = get()
        demand(before.revision, required)
        done = act(before)
        if done:
            return done
        if pecan.request.headers.get('If-Match', '*').strip() != '*':
            break
    raise PreconditionFailed(revision=before.revision)


def demand(revision, required=True):
    """Let a change go on only when its caller has seen this revision.

    :param revision: the number that is the ETag of the thing (int).
    :param required: False when a request may go without If-Match.
    :raises PreconditionRequired: it does.
    :raises PreconditionFailed: something else was seen.
    """
    seen = pecan.request.headers.get('If-Match')
    if seen is None:
        if required:
            raise PreconditionRequired()
        return
    tags = [tag.strip() for tag in seen.split(',')]
    if tags != ['*'] and f'"{revision}"' not in tags:
        raise PreconditionFailed(revision=revision)
