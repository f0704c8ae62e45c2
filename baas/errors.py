# SPDX-License-Identifier: Apache-2.0
"""Errors that reach a user: a status, a code that never changes, one
sentence of what is wrong and one hint of what to do."""


class BaasError(Exception):
    """The service could not do what it was asked to.

    :ivar code: HTTP status (int).
    :ivar faultcode: stable machine-readable name, ``baas.<noun>.<reason>``.
    :ivar title: the kind of error in a few words.
    :ivar message: template of the one sentence that says what is wrong.
    :ivar hint: template of the one sentence that says what to do.
    """
    code = 500
    faultcode = 'baas.internal'
    title = 'Internal error'
    message = 'The service failed.'
    hint = 'Look for the request id in the log of the service.'

    def __init__(self, **values):
        self.values = values
        self.hint = values.pop('hint', None) or self.hint.format(**values)
        super().__init__(self.message.format(**values))


class InvalidArgument(BaasError):
    """An argument of the request is not what it must be: 400."""
    code = 400
    faultcode = 'baas.request.invalid_argument'
    title = 'Invalid argument'
    message = 'Argument {argument}: {reason}.'
    hint = 'Correct argument {argument} and send the request again.'


class NotFound(BaasError):
    """Nothing has that id: 404."""
    code = 404
    faultcode = 'baas.request.not_found'
    title = 'Not found'
    message = 'There is no {noun} {id}.'
    hint = 'List what there is with GET /v1/{noun}.'


class NoneYet(NotFound):
    """The newest of what fits was asked for, and nothing does: 404."""
    message = 'There is no {which}.'

    def __init__(self, noun, filters):
        words = ' and '.join(f'{name} {value}' for name, value
                             in filters.items() if value is not None)
        super().__init__(noun=noun, id='last', which=(
            f'{noun} with {words}' if words else f'{noun} yet'))


class TargetBusy(BaasError):
    """Another job works on the target: 409, naming that job."""
    code = 409
    faultcode = 'baas.target.busy'
    title = 'Target busy'
    message = 'Job {job} is at work on the {target}.'
    hint = ('Wait until job {job} has ended, or cancel it with '
            'POST /v1/job/{job}/cancel.')


class Conflict(BaasError):
    """What was asked does not fit the state things are in: 409."""
    code = 409
    faultcode = 'baas.request.conflict'
    title = 'Conflict'
    message = '{reason}.'
    hint = '{remedy}.'


class Forbidden(BaasError):
    """The caller may not do this: 403."""
    code = 403
    faultcode = 'baas.request.forbidden'
    title = 'Forbidden'
    message = 'Policy does not allow {rule} to be done by this user.'
    hint = 'Ask an administrator of the cloud, or change the policy.'


class ConfigurationError(BaasError):
    """The configuration cannot work; raised at start, or by a job."""
    faultcode = 'baas.configuration'
    title = 'Configuration error'
    message = '{reason}.'
    hint = '{remedy}.'
