# SPDX-License-Identifier: Apache-2.0
"""The WSGI application: pecan, and what lies around it."""
from oslo_config import cfg
from oslo_middleware import cors
from oslo_middleware import healthcheck
from oslo_middleware import http_proxy_to_wsgi
from oslo_middleware import request_id
from oslo_middleware import sizelimit
import pecan
from pecan import hooks

from baas.api import auth
from baas.api.docs import page
from baas.api import expose
from baas.api import faults
from baas.api import policy
from baas.api import root
from baas.api.simulation import html
from baas.api.strict import accepts
from baas.api.strict import heads
from baas.api.strict import queries
from baas.api.strict import request
from baas.api import versions
from baas import context


class Application(pecan.Pecan):
    """pecan, with routes and rules of :mod:`baas.api.expose`.

    Both methods leave out that pecan inspects the signature of a function,
    which costs it half a millisecond a request.
    """

    def route(self, req, node, path):
        """See :class:`pecan.Pecan`."""
        function = root.find(req)
        req.pecan['content_type'] = accepts.choose(
            req.headers.get('Accept'),
            ['application/json', *['text/plain'] * function.call.text])
        return function, []

    def invoke_controller(self, controller, args, kwargs, state):
        """See :class:`pecan.Pecan`."""
        # Who may not learns nothing of arguments.
        if controller.call.rule:
            policy.check(controller.call.rule)
        state.response = controller()


class ContextHook(hooks.PecanHook):
    """Keeps at hand who asks, for policy, jobs and the log."""

    def on_route(self, state):
        """See :class:`pecan.hooks.PecanHook`."""
        environ = state.request.environ
        environ['baas.context'] = context.RequestContext.from_environ(environ)


def _identify(application, _conf):
    """Let what a thread logs have the id of its request, and nobody's name
    before somebody is known: else it has those of the request before."""
    def answer(environ, start_response):
        context.RequestContext(request_id=environ[request_id.ENV_REQUEST_ID])
        return application(environ, start_response)
    return answer


def _cors(application, conf):
    conf.register_opts(cors.CORS_OPTS, 'cors')
    if not conf.cors.allowed_origin:
        return application
    return cors.CORS(application, conf)


def _limit_size(application, conf):
    limiter = sizelimit.RequestBodySizeLimiter(application, conf)
    conf.set_default('max_request_body_size', conf.api.max_request_body,
                     group='oslo_middleware')
    return limiter


def _healthcheck(application, conf):
    check = healthcheck.Healthcheck(None, conf)

    def choose(environ, start_response):
        if environ.get('PATH_INFO') == '/healthcheck':
            method = environ['REQUEST_METHOD']
            if method not in ('GET', 'HEAD'):
                raise root.MethodNotAllowed(method=method, allow='GET, HEAD')
            for name in queries.read(environ.get('QUERY_STRING', '')):
                raise expose.UnknownArgument(
                    argument=name, reason='is not known here',
                    known='no arguments')
            return check(environ, start_response)
        return application(environ, start_response)
    return choose


LAYERS = (
    # All below logs and answers with the id, whatever happens.
    request_id.RequestId,
    _identify,
    # Browsers must see errors, too, and asks without a password first.
    _cors,
    # Errors are of a microversion as well.
    lambda application, _conf: versions.Microversions(application),
    # What any layer below raises or answers leaves in one shape.
    lambda application, _conf: faults.Faults(application),
    # Before anybody looks at host, scheme or address.
    http_proxy_to_wsgi.HTTPProxyToWSGI,
    # Links lead there.
    heads.layer,
    # Load balancers have no password, and read no body.
    _healthcheck,
    # The page is for everybody, as the document is that it shows.
    page.layer,
    # Before anybody reads the body.
    _limit_size,
    # Nothing below runs for strangers, but for a few open paths.
    auth.require,
    # What it shows is worked out anew for whoever asks.
    html.layer,
)
"""What lies around the application, outermost first."""


def build(conf=cfg.CONF):
    """Make the application from a configuration that has been read and a
    database (:mod:`baas.db.session`) that has been configured.

    :raises ConfigurationError: the configuration cannot work.
    """
    # Not in the first request: several may be the first at once.
    policy.load()
    application = Application(
        None, hooks=[ContextHook()], request_cls=request.Request,
        force_canonical=False, guess_content_type_from_ext=False)
    for layer in reversed(LAYERS):
        application = layer(application, conf)
    return application
